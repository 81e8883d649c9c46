import { renameSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API_VERSION, type RunDocument } from '../../src/core/documents.ts';
import { applied, expectWhole, Workspace } from '../helpers/cpaas.ts';
import {
  bareLab,
  type Dump,
  dumpOf,
  expectDone,
  expectDump,
  hostDump,
  kernelNamespaces,
  ofMachine,
  processesOf,
  type Traces,
  traces,
} from '../helpers/dumps.ts';

const vm = new Workspace('lab-vm.yaml', 'suite-down-vm', ({ provider }) => {
  provider.lab = { ...provider.lab, servers: 1, agents: 1 };
});
const flat = new Workspace('lab-flat.yaml', 'suite-down-flat');
const built = new Workspace('lab-vm.yaml', 'suite-down-built', ({ provider }) => {
  provider.lab = { ...provider.lab, servers: 1, agents: 0 };
});

afterAll(() => Promise.all([vm, flat, built].map((lab) => lab.remove())));

/** What must be the same before a lab and after it: nothing bears its name, and the machine has the links it had. */
async function expectNoTrace(lab: Workspace, before: Traces, had: ReadonlySet<string>): Promise<void> {
  const { links, ...own } = await traces(lab, had);
  expect(own).toEqual({ namespaces: [], processes: [], mounts: [], files: [] });
  expect(links.filter((link) => !before.links.includes(link))).toEqual([]);
}

/** The processes whose end is the end of all others of the lab. */
async function killSupervisor(lab: Workspace): Promise<void> {
  const found = processesOf(lab.name).filter((line) => line.includes(`cpaas-lab:${lab.name}`));
  expect(found.length).toBeGreaterThan(0);
  for (const line of found) process.kill(Number(line.split(' ')[0]), 'SIGKILL');
  const bird = `/run/cpaas/${lab.name}/n`;
  await expect.poll(() => processesOf(lab.name).filter((line) => line.includes(bird)), { timeout: 30_000 }).toEqual([]);
}

describe.sequential.each([
  ['one machine', vm],
  ['two hosts and a pair', flat],
] as const)('down on machines that stood before: %s', (_, lab) => {
  let before: Traces;
  let bare: Dump;

  beforeAll(async () => {
    before = await traces(lab);
    bare = await bareLab(lab);
  });

  test('what up has done is undone: units, cluster, routes and rules are as they were', async () => {
    expectDone(await lab.up());
    expect(await dumpOf(lab)).not.toEqual(bare);
    const run = await lab.down();
    expectDone(run);
    await expectDump(lab, bare);
  });

  test('a second down has nothing to do', async () => {
    const journal = lab.journal();
    expectDone(await lab.down(), 'unchanged');
    expect(lab.journal()).toBe(journal);
  });

  test('down after the processes were killed undoes what it reaches, and the rest when they run again, without the cluster file', async () => {
    expectDone(await lab.up());
    await killSupervisor(lab);
    const run = await lab.down();
    expect(run).toMatchObject({ code: 2, outcome: 'failed' });
    expect(run.error?.message).toMatch(/the Kubernetes API does not answer/);
    expect(run.error?.message).toMatch(/out of reach: .*bigip1/);
    if (lab === vm) expect(await hostDump(lab, 'vm')).toEqual(ofMachine(bare, 'vm'));
    await bareLab(lab);
    renameSync(lab.file, `${lab.file}.gone`);
    expectDone(await lab.down('--cluster', lab.name));
    renameSync(`${lab.file}.gone`, lab.file);
    await expectDump(lab, bare);
  });

  test('lab down leaves nothing on the machine', async () => {
    const had = kernelNamespaces(lab);
    expect(had.size).toBeGreaterThan(5);
    expect(await lab.run('lab', 'down')).toMatchObject({ code: 0 });
    await expectNoTrace(lab, before, had);
  });

  test('lab down leaves nothing on the machine when the processes were killed before', async () => {
    await bareLab(lab);
    const had = kernelNamespaces(lab);
    await killSupervisor(lab);
    expect(await lab.run('lab', 'down')).toMatchObject({ code: 0 });
    await expectNoTrace(lab, before, had);
  });
});

describe.sequential('down on a lab that up has built', () => {
  let before: Traces;

  beforeAll(async () => {
    before = await traces(built);
  });

  test('takes it away with all that stood in it', async () => {
    expectDone(await built.up());
    const had = kernelNamespaces(built);
    expectDone(await built.down());
    await expectNoTrace(built, before, had);
  });

  test('takes it away when its processes were killed before', async () => {
    expectDone(await built.up());
    const had = kernelNamespaces(built);
    await killSupervisor(built);
    const run = await built.down();
    expectDone(run);
    expect(applied(run)).toEqual(['here lab.machines']);
    await expectNoTrace(built, before, had);
  });
});

describe.sequential('consent and history', () => {
  const lab = vm;
  let bare: Dump;
  let whole: Dump;

  beforeAll(async () => {
    rmSync(lab.state, { recursive: true, force: true });
    bare = await bareLab(lab);
    expectDone(await lab.up());
    whole = await dumpOf(lab);
  });

  test('down asks, and where nobody can be asked nothing is changed', async () => {
    const journal = lab.journal();
    for (const consent of [[], ['-y'], ['--confirm', 'another']]) {
      const run = await lab.document<{ error?: { code: string; next: readonly { command?: string }[] } }>(
        'down',
        ...consent,
      );
      expect(run).toMatchObject({ code: 2, kind: 'Run', outcome: 'failed', error: { code: 'CONSENT.NEEDED' } });
      expect(run.error?.next.map(({ command }) => command)).toContain(`cpaas down --confirm ${lab.name}`);
    }
    expect(await dumpOf(lab)).toEqual(whole);
    expect(lab.journal()).toBe(journal);
  });

  test('rollback of a run that a later one was built on is refused, and names that one', async () => {
    lab.edit(({ bgp }) => {
      bgp['gracefulRestartTime'] = 90;
    });
    expectDone(await lab.up('-y'));
    const changed = await dumpOf(lab);
    expect(changed).not.toEqual(whole);
    const { runs } = await lab.document<RunsDocument>('runs');
    const [first, second] = runs.map(({ run }) => run);
    const refused = await lab.document<RunDocument>('rollback', `${first}`, '--confirm', lab.name);
    expect(refused).toMatchObject({ code: 2, error: { code: 'ROLLBACK.BUILT_ON' } });
    expect(refused.error?.message).toContain(second);
    expect(await dumpOf(lab)).toEqual(changed);
  });

  test('rollback of the last run gives back what it found', async () => {
    expectDone(await lab.document<RunDocument>('rollback', '-y'));
    await expectDump(lab, whole);
  });

  test('runs are listed, oldest first, with what they came to', async () => {
    const { code, kind, runs } = await lab.document<RunsDocument>('runs');
    expect({ code, kind }).toEqual({ code: 0, kind: 'Runs' });
    expect(runs.map(({ command, outcome }) => [command, outcome])).toEqual([
      ['up', 'applied'],
      ['up', 'applied'],
      ['rollback', 'applied'],
    ]);
    expect(runs.every(({ changes }) => changes > 0)).toBe(true);
  });

  test('rollback of the only run that is left undoes all of it', async () => {
    rmSync(lab.state, { recursive: true, force: true });
    await lab.remove();
    bare = await bareLab(lab);
    expectDone(await lab.up());
    expect(await lab.document<RunDocument>('rollback')).toMatchObject({ code: 2, error: { code: 'CONSENT.NEEDED' } });
    expectDone(await lab.document<RunDocument>('rollback', '--confirm', lab.name));
    await expectDump(lab, bare);
    expectDone(await lab.down(), 'unchanged');
  });
});

interface RunsDocument {
  readonly runs: readonly { run: string; command: string; outcome: string; changes: number }[];
}

describe.sequential('documents for programs', () => {
  const lab = vm;
  const read = async (...args: readonly string[]) => {
    const { stdout } = await lab.run(...args, '-o', 'json');
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const common = (kind: string) => ({ apiVersion: API_VERSION, kind });
  const step = { id: expect.any(String), title: expect.any(String), host: expect.any(String) };

  test('a Plan has its phases, steps, changes, commands and their sum', async () => {
    const plan = await read('plan');
    expect(plan).toMatchObject({
      ...common('Plan'),
      cluster: lab.name,
      summary: { satisfied: expect.any(Number), pending: expect.any(Number), conflict: 0, unreachable: 0, deferred: 0 },
    });
    const phases = plan['phases'] as readonly { name: string; steps: readonly Record<string, unknown>[] }[];
    expect(phases.map(({ name }) => name)).toEqual(['Lab', 'Calico', 'Forwarding', 'Routers', 'Host routes']);
    const bgp = phases.flatMap(({ steps }) => steps).find(({ kind }) => kind === 'bigip.bgp');
    expect(bgp).toMatchObject({ ...step, host: 'bigip1', risk: 'additive', state: 'pending' });
    expect(bgp?.['changes']).toContainEqual(
      expect.objectContaining({ key: 'router bgp', to: '64512', cause: 'wanted', risk: 'additive' }),
    );
    expect(bgp?.['commands']).toContainEqual(
      expect.objectContaining({ host: 'bigip1', stdin: expect.stringContaining('router bgp 64512\n') }),
    );
  });

  test('a Run has its steps with what became of them, and its time', async () => {
    const run = await read('up');
    expect(run).toMatchObject({
      ...common('Run'),
      cluster: lab.name,
      run: expect.stringMatching(/^\d{8}-\d{6}/),
      outcome: 'applied',
      seconds: expect.any(Number),
    });
    expect(run).not.toHaveProperty('error');
    for (const each of run['steps'] as readonly unknown[])
      expect(each).toMatchObject({
        ...step,
        outcome: expect.stringMatching(/^(applied|satisfied)$/),
        seconds: expect.any(Number),
      });
    expectWhole(await lab.verify());
  });

  test('a Status counts, and has nodes, sessions and routes', async () => {
    const status = await read('status');
    expect(status).toMatchObject({
      ...common('Status'),
      cluster: lab.name,
      counts: { drift: 0, pending: 0, foreign: 0, unreachable: 0 },
      healthy: true,
      nodes: [
        { name: expect.any(String), address: expect.any(String), ready: true, blocks: [expect.any(String)], pods: 1 },
        { name: expect.any(String), address: expect.any(String), ready: true, blocks: [expect.any(String)], pods: 1 },
      ],
      sessions: [{ router: 'bigip1', agree: true, atNode: { state: 'Established' } }, { router: 'bigip1' }],
      routes: [
        { ours: true, present: true, host: `${lab.name}-vm`, via: expect.any(String), prefix: expect.any(String) },
        { ours: true, present: true },
      ],
    });
  });

  test('Runs have who, when, what and how it ended', async () => {
    const { runs, ...rest } = await read('runs');
    expect(rest).toEqual({ ...common('Runs'), cluster: lab.name });
    expect((runs as readonly unknown[]).at(-1)).toEqual({
      run: expect.stringMatching(/^\d{8}-\d{6}/),
      command: 'up',
      started: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      ended: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      outcome: 'applied',
      seconds: expect.any(Number),
      version: expect.any(String),
      user: expect.any(String),
      machine: expect.any(String),
      changes: expect.any(Number),
    });
  });

  test('an Error has its code, what happened, and what to do next', async () => {
    const { code, stdout } = await lab.run('plan', '-f', `${lab.folder}/none.yaml`, '-o', 'json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      ...common('Error'),
      code: expect.stringMatching(/^[A-Z]+\.[A-Z_]+$/),
      message: expect.stringContaining('none.yaml'),
      next: expect.any(Array),
    });
  });
});
