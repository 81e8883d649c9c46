import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorSummary, RouteTableDocument, RunDocument } from '../../src/core/documents.ts';
import { applied, due, expectWhole, Workspace } from '../helpers/cpaas.ts';
import { bareLab, type Dump, expectDump } from '../helpers/dumps.ts';
import { expectApplied, expectUnchanged } from '../helpers/outcomes.ts';

const LAB = 'suite-verbs';
const VM = `${LAB}-vm`;
const lab = new Workspace('lab-vm.yaml', LAB, ({ provider }) => Object.assign(provider.lab, { agents: 1 }));
let first: Dump;
afterAll(() => lab.remove());

describe.sequential('without a cluster', () => {
  test('plan defers what only the lab can tell; --check exits with 4', async () => {
    const plan = await lab.plan();
    expect(plan).toMatchObject({ code: 0, summary: { deferred: 4 } });
    expect(await lab.plan('--check')).toMatchObject({ code: 4 });
  });

  test('init writes a file that validates, and does not overwrite it', async () => {
    const written = new Workspace('lab-vm.yaml', 'unused');
    const file = join(written.folder, 'new.yaml');
    const init = [
      'init',
      '-f',
      file,
      '--name',
      'fresh',
      '--router',
      'bigip1=10.10.2.20',
      '--router',
      'b2=10.10.2.21,65010',
    ];
    expect(await written.run(...init)).toMatchObject({ code: 0 });
    expect(await written.run('validate', '-f', file)).toMatchObject({ code: 0 });
    const again = await written.document<ErrorSummary>(...init);
    expect({ exit: again.code, kind: again.kind }).toEqual({ exit: 2, kind: 'Error' });
    expect(again.stderr).toContain('INIT.EXISTS');
  });

  test('schema is a JSON Schema', async () => {
    const { code, stdout } = await lab.run('schema');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ $schema: expect.stringContaining('json-schema.org'), type: 'object' });
  });

  test('explain tells of a code, and refuses what is none', async () => {
    const known = await lab.run('explain', 'HOST.KEY_CHANGED');
    expect(known).toMatchObject({ code: 0, stdout: expect.stringContaining('HOST.KEY_CHANGED') });
    expect(await lab.run('explain', 'HOST.NOWHERE')).toMatchObject({ code: 2, stdout: '' });
  });

  test('what is not understood is told with exit 2; help and version with 0', async () => {
    for (const words of [['upp'], ['up', '--sideways'], ['up', '--timeout', 'soon'], ['-o', 'xml', 'plan']])
      expect(await lab.run(...words), words.join(' ')).toMatchObject({ code: 2, stdout: '' });
    for (const words of [['--help'], ['up', '--help'], ['--version']])
      expect(await lab.run(...words), words.join(' ')).toMatchObject({ code: 0 });
  });

  test('down where nothing was done does nothing', async () => {
    expectUnchanged(await lab.document<RunDocument>('down'));
  });
});

describe.sequential('on a lab that stands already', () => {
  beforeAll(async () => {
    first = await bareLab(lab);
  });

  test('up --rollback-on-failure gives back everything when it fails late', async () => {
    // no session comes up while the machine between drops them
    const drop = ['FORWARD', '-p', 'tcp', '--dport', '179', '-j', 'DROP'];
    await lab.inside('vm', 'iptables', '-t', 'mangle', '-I', ...drop);
    const { code, error, steps } = await lab.up('--rollback-on-failure', '--timeout', '20');
    await lab.inside('vm', 'iptables', '-t', 'mangle', '-D', ...drop);
    expect({ code, error: error?.code }).toEqual({ code: 2, error: 'GATE.TIMEOUT' });
    expect(steps.map(({ id }) => id.split(':')[0])).toContain('bigip.bgp');
    await expectDump(lab, first);
    expectUnchanged(await lab.document<RunDocument>('down'));
  });

  test('up --only does one phase, and leaves the rest to be done', async () => {
    const run = await lab.up('--only', 'Host routes');
    expectApplied(run);
    expect(applied(run)).toEqual([`${VM} host.routes`]);
    const status = await lab.status();
    expect(status.code).toBe(5);
    expect([...new Set(due(status).map((line) => line.split(':')[0]))]).toContain('bigip1 bigip.bgp');
    const whole = await lab.up();
    expectApplied(whole);
    expect(applied(whole)).not.toContain(`${VM} host.routes`);
    expectWhole(await lab.verify());
    expectUnchanged(await lab.up());
  });

  test('kubectl is handed on with its exit code', async () => {
    const nodes = await lab.run('kubectl', '--', 'get', 'nodes', '-o', 'name');
    expect(nodes).toMatchObject({ code: 0, stdout: 'node/agent-0\nnode/server-0\n' });
    const wrong = await lab.run('kubectl', '--', 'get', 'nonsense');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('nonsense');
  });

  test('a command for a machine of the lab arrives as it was typed, and its exit code is passed on', async () => {
    const unit = await lab.run('lab', 'shell', 'bigip1', '--', 'printf', '%s|', "it's", '$HOME', 'a  b');
    expect(unit).toMatchObject({ code: 0, stdout: "it's|$HOME|a  b|" });
    expect(await lab.run('lab', 'shell', 'vm', '--', 'sh', '-c', 'exit 7')).toMatchObject({ code: 7 });
  });

  test('graph shows routers, machine, nodes and blocks', async () => {
    const { code, stdout } = await lab.run('graph');
    expect(code).toBe(0);
    for (const part of ['bigip1', '10.10.2.20', VM, '10.10.2.10', 'server-0', '172.19.0.3', '/26'])
      expect(stdout).toContain(part);
  });

  test('routes clear asks, then removes the host routes and nothing else; sync brings them back', async () => {
    const refused = await lab.document<RunDocument>('routes', 'clear');
    expect({ code: refused.code, error: refused.error?.code }).toEqual({ code: 2, error: 'CONSENT.NEEDED' });
    const present = async () => {
      const { routes } = await lab.document<RouteTableDocument>('routes', 'show');
      return routes.map((route) => route.present);
    };
    expect(await present()).toEqual([true, true]);
    const cleared = await lab.document<RunDocument>('routes', 'clear', '-y');
    expectApplied(cleared);
    expect(applied(cleared)).toEqual([`${VM} host.routes`]);
    expect(await present()).toEqual([false, false]);
    expect(due(await lab.status())).toHaveLength(2);
    expectApplied(await lab.document<RunDocument>('routes', 'sync'));
    expectUnchanged(await lab.up());
  });

  test('runs lists what was done, and rollback undoes the last', async () => {
    const listed = await lab.document<{ runs: { command: string; outcome: string }[] }>('runs');
    expect(listed.runs.at(-1)).toMatchObject({ command: 'routes sync', outcome: 'applied' });
    const undone = await lab.document<RunDocument>('rollback', '-y');
    expectApplied(undone);
    expect(undone.steps.map(({ outcome }) => outcome)).toContain('rolled-back');
    expectApplied(await lab.up());
  });

  test('down by name alone, when the file is gone, gives everything back', async () => {
    const missing = join(lab.folder, 'gone.yaml');
    const down = await lab.document<RunDocument>('down', '-f', missing, '--cluster', LAB, '--confirm', LAB);
    expectApplied(down);
    await expectDump(lab, first);
  });

  test('a down can be rolled back, in the order in which it was built', async () => {
    expectApplied(await lab.document<RunDocument>('rollback', '-y'));
    expectUnchanged(await lab.up());
    expectWhole(await lab.verify());
    expectApplied(await lab.down());
    await expectDump(lab, first);
  });
});
