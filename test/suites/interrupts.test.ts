import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../src/core/documents.ts';
import type { Event } from '../../src/core/events.ts';
import { type Boundary, ranInto, typed } from '../helpers/boundaries.ts';
import { expectWhole, Workspace } from '../helpers/cpaas.ts';
import { bareLab, type Dump, expectDump } from '../helpers/dumps.ts';
import { expectApplied, expectUnchanged } from '../helpers/outcomes.ts';

/** A point of a run at which somebody has seen enough, by the first event that it shows there. */
interface Point {
  readonly at: string;
  readonly is: (event: Event) => boolean;
}

const starts = (kind: string): Point => ({
  at: `the start of ${kind}`,
  is: (event) => event.type === 'step.start' && event.step.startsWith(`${kind}:`),
});

/** Starts a call and sends it a signal as soon as it shows that it is at this point, which is some time before it hears of it. */
async function cut(lab: Workspace, signal: NodeJS.Signals, { at, is }: Point, ...args: readonly string[]) {
  const child = lab.start([...args, '--progress', 'json', '-o', 'json']);
  let sent = false;
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (sent || !line.startsWith('{') || !is(JSON.parse(line) as Event)) return;
    sent = true;
    child.kill(signal);
  });
  const { stderr } = await child;
  if (!sent) throw new Error(`the run never came to ${at}:\n${stderr.trimEnd().split('\n').slice(-5).join('\n')}`);
}

/** Every line of the journal is whole, but for the last one of a process that was killed. */
function expectWholeJournal(lab: Workspace): void {
  for (const line of lab.journal().trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
}

const one = ({ provider }: { provider: { lab: Record<string, unknown> } }): void => {
  Object.assign(provider.lab, { servers: 1, agents: 0 });
};

describe.sequential('on a lab that stands already', () => {
  const lab = new Workspace('lab-vm.yaml', 'suite-cut', one);
  let first: Dump;
  afterAll(() => lab.remove());

  beforeAll(async () => {
    first = await bareLab(lab);
  });

  /** The next up ends as if nothing had happened; down restores the first state. */
  async function expectRecovery(): Promise<void> {
    const again = await lab.up();
    expect({ error: again.error, code: again.code }).toEqual({ error: undefined, code: 0 });
    expectWhole(await lab.verify());
    expectUnchanged(await lab.up());
    expectApplied(await lab.down());
    await expectDump(lab, first);
  }

  test.each<{ what: string; at: Boundary }>([
    { what: 'a line that is typed', at: typed('router bgp 64512') },
    { what: 'the first save', at: { when: 'after', entry: 'closed' } },
  ])('Ctrl-C at $what: exit 130, a whole journal, and what was begun is finished later', async ({ at }) => {
    const { code, stdout, stderr } = await ranInto(lab, at, { signal: 'SIGINT' }, ['up']);
    expect(code, stderr).toBe(130);
    expect(JSON.parse(stdout) as RunDocument).toMatchObject({ kind: 'Run', outcome: 'interrupted' });
    expectWholeJournal(lab);
    await expectRecovery();
  });

  test('people are told the way on in the last line', async () => {
    const child = lab.start(['up', '--progress', 'plain']);
    createInterface({ input: child.stderr }).once('line', () => child.kill('SIGINT'));
    const { exitCode, stdout, stderr } = await child;
    expect(exitCode).toBe(130);
    expect(`${stderr}${stdout}`.trimEnd().split('\n').at(-1)).toMatch(/cpaas up\b/);
    await expectRecovery();
  });

  test('a reader that has seen enough is no failure', async () => {
    const child = lab.start(['status', '--progress', 'none']);
    child.stdout.once('data', () => child.stdout.destroy());
    const { exitCode, stderr } = await child;
    expect(stderr).toBe('');
    expect(exitCode).toBe(5);
  });
});

describe.sequential('on a lab that up itself builds', () => {
  const lab = new Workspace('lab-vm.yaml', 'suite-cut-own', one);
  afterEach(() => lab.remove());

  test.each([
    { signal: 'SIGINT', point: starts('lab.machines') },
    { signal: 'SIGKILL', point: starts('lab.machines') },
    { signal: 'SIGKILL', point: starts('calico.bgp-configuration') },
  ] as const)('$signal at $point.at', async ({ signal, point }) => {
    await cut(lab, signal, point, 'up');
    const again = await lab.up();
    expect({ error: again.error, code: again.code }).toEqual({ error: undefined, code: 0 });
    expectWhole(await lab.verify());
    expectUnchanged(await lab.up());
    expectApplied(await lab.down());
    const { stdout } = await lab.run('lab', 'list', '-o', 'json');
    expect((JSON.parse(stdout) as { labs: { name: string }[] }).labs.map(({ name }) => name)).not.toContain(lab.name);
  });
});
