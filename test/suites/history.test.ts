import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API_VERSION, type RunDocument } from '../../src/core/documents.ts';
import { expectWhole, Workspace } from '../helpers/cpaas.ts';
import { bareLab, type Dump, expectDone, expectDump, settledDump } from '../helpers/dumps.ts';

const lab = new Workspace('lab-vm.yaml', 'suite-history', ({ provider }) => {
  provider.lab = { ...provider.lab, servers: 1, agents: 1 };
});

afterAll(() => lab.remove());

describe.sequential('consent and history', () => {
  let whole: Dump;

  beforeAll(async () => {
    lab.warm = true;
    await bareLab(lab);
    expectDone(await lab.up());
    whole = await settledDump(lab);
  });

  test('down asks, and where nobody can be asked nothing is changed', async () => {
    const journal = lab.journal();
    for (const consent of [[], ['-y'], ['--confirm', 'another']]) {
      const run = await lab.document<{ error?: { code: string; next: readonly { command?: string }[] } }>(
        'down',
        ...consent,
      );
      expect(run).toMatchObject({ code: 2, kind: 'Run', outcome: 'failed', error: { code: 'CONSENT.NEEDED' } });
      const advised = run.error?.next.map(({ command }) => command) ?? [];
      expect(advised).toContainEqual(expect.stringMatching(`^cpaas down --confirm ${lab.name} -f ${lab.file} `));
    }
    await expectDump(lab, whole);
    expect(lab.journal()).toBe(journal);
  });

  test('rollback of a run that a later one was built on is refused, and names that one', async () => {
    lab.edit(({ bgp }) => {
      bgp['gracefulRestartTime'] = 90;
    });
    expectDone(await lab.up('-y'));
    const changed = await settledDump(lab);
    expect(changed).not.toEqual(whole);
    const { runs } = await lab.document<RunsDocument>('runs');
    const [first, second] = runs.map(({ run }) => run);
    const refused = await lab.document<RunDocument>('rollback', `${first}`, '--confirm', lab.name);
    expect(refused).toMatchObject({ code: 2, error: { code: 'ROLLBACK.BUILT_ON' } });
    expect(refused.error?.message).toContain(second);
    await expectDump(lab, changed);
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
    const bare = await bareLab(lab);
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
