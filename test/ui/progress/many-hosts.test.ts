import { describe, expect, test } from 'vitest';
import { CpaasError } from '../../../src/core/errors.ts';
import type { Event, StepRef } from '../../../src/core/events.ts';
import { plainListener } from '../../../src/ui/progress/plain.ts';
import type { PhaseProgress, Row } from '../../../src/ui/progress/progress.ts';
import { endedLines, isShown, restLine } from '../../../src/ui/progress/task-lines.ts';
import { several } from '../../../src/ui/text/alike.ts';
import { plainStyle } from '../../../src/ui/text/style.ts';
import { PASSWORD, redact } from './events.ts';
import { memoryStream } from './terminal.ts';

const view = { style: plainStyle, width: 100, verbose: false };
const row = (name: string, other: Partial<Row> = {}): Row => ({
  name,
  state: 'ended',
  doing: 'kubeadm join',
  applied: ['worker joins'],
  remarks: [],
  failed: [],
  left: new Set(),
  seconds: 3,
  ...other,
});
const progress = (rows: readonly Row[]): PhaseProgress => ({
  phase: 'Nodes',
  by: 'host',
  rows: new Map(rows.map((each) => [each.name, each])),
  waited: new Set(),
  redact: (text) => text,
});
const hundred = (other: (at: number) => Partial<Row> = () => ({})) =>
  Array.from({ length: 100 }, (_, at) => row(`node${at}`, other(at)));

describe('up on a hundred hosts', () => {
  test('says once what was done on all of them, and each failure for itself', () => {
    const rows = hundred((at) =>
      at === 50
        ? { failed: [{ code: 'KUBEADM.JOIN', message: 'node node50 did not join' }], applied: [] }
        : { seconds: at },
    );
    expect(endedLines(progress(rows), view)).toMatchInlineSnapshot(`
      [
        "✔ node0, node1 and 97 others  worker joins                                                1 min 39 s",
        "✖ node50            KUBEADM.JOIN node node50 did not join",
      ]
    `);
  });

  test('shows those at work while there is room, what failed, and how many are done', () => {
    const rows = hundred((at) =>
      at < 40 ? {} : at === 99 ? { failed: [{ message: 'x' }] } : { state: at < 70 ? 'running' : 'waiting' },
    );
    const now = progress(rows);
    const shown = rows.filter((each) => isShown(now, each)).map(({ name }) => name);
    expect(shown).toEqual([...Array.from({ length: 11 }, (_, at) => `node${40 + at}`), 'node99']);
    expect(restLine(now, view)?.trim()).toBe('Nodes             41 of 100 hosts are done');
  });
});

test('a few hosts are said one by one', () => {
  const rows = ['bigip1', 'bigip2'].map((name) => row(name));
  expect(endedLines(progress(rows), view)).toHaveLength(2);
  expect(restLine(progress(rows), view)).toBeUndefined();
  expect(rows.every((each) => isShown(progress(rows), each))).toBe(true);
  expect(several(['a', 'b'])).toBe('a, b');
});

describe('plain lines of a run on a hundred hosts', () => {
  const hosts = Array.from({ length: 100 }, (_, at) => `node${at}`);
  const of = (host: string, phase: string, title: string): StepRef => ({
    step: `${title}@${host}`,
    title,
    host,
    phase,
  });
  const change = { key: 'node', from: undefined, to: {}, before: undefined, cause: 'wanted' } as const;
  const settings = (host: string) => of(host, 'Hosts', 'Kernel settings');
  const node = (host: string) => of(host, 'Nodes', `node ${host}`);
  const error = new CpaasError('KUBEADM.JOIN', 'node node50 did not join');
  const events: readonly Event[] = [
    { type: 'run.start', run: '1', command: 'up', cluster: 'site1' },
    { type: 'phase.start', phase: 'Hosts', by: 'host', steps: hosts.map(settings) },
    ...hosts.map((host): Event => ({ type: 'step.satisfied', ...settings(host), seconds: 0.1 })),
    { type: 'phase.end', phase: 'Hosts', seconds: 0.2 },
    { type: 'phase.start', phase: 'Nodes', by: 'host', steps: hosts.map(node) },
    ...hosts.flatMap((host, at): readonly Event[] =>
      at === 50
        ? [{ type: 'step.failed', ...node(host), error, seconds: 60 }]
        : [
            { type: 'step.applied', ...node(host), changes: [change], lines: ['worker joins'], seconds: at },
            { type: 'step.closed', ...node(host), closing: 'the token of the join is deleted' },
          ],
    ),
    { type: 'phase.end', phase: 'Nodes', seconds: 99 },
    { type: 'run.end', outcome: 'failed', seconds: 100 },
  ];
  const plain = async (verbose: boolean, told = events) => {
    const { stream, lines } = memoryStream();
    const hear = plainListener({ stream, style: plainStyle, verbose, redact });
    for (const event of told) hear(event);
    await hear.close();
    return lines().map((line) => line.slice('00:00:00 '.length));
  };

  test('say once what they all came to, how far they are meanwhile, and a failure when it happens', async () => {
    expect(await plain(false)).toMatchInlineSnapshot(`
      [
        "up site1, run 1",
        "Hosts: 25 of 100 steps are done",
        "Hosts: 50 of 100 steps are done",
        "Hosts: 75 of 100 steps are done",
        "node0, node1 and 98 others: Kernel settings: already so",
        "Nodes: 25 of 100 steps are done",
        "Nodes: 50 of 100 steps are done",
        "node50: node node50: failed: KUBEADM.JOIN node node50 did not join",
        "Nodes: 75 of 100 steps are done",
        "node0, node1 and 97 others: node …: + worker joins",
        "node0, node1 and 97 others: node …: done in 0.0 s to 1 min 39 s",
        "node0, node1 and 97 others: node …: the token of the join is deleted",
        "failed after 1 min 40 s",
      ]
    `);
  });

  test('say each with -v', async () => {
    const lines = await plain(true);
    expect(lines).toContain('node7: node node7: + worker joins');
    expect(lines.filter((line) => line.endsWith('already so'))).toHaveLength(100);
  });

  test('keep nothing back when a run is cut off', async () => {
    const cut = events.slice(0, 60);
    expect((await plain(false, cut)).at(-1)).toBe('node0, node1 and 56 others: Kernel settings: already so');
  });

  test('know a secret in which the name of a host stands', async () => {
    const called = [PASSWORD.slice(0, 4), ...hosts];
    const told: readonly Event[] = [
      { type: 'phase.start', phase: 'Hosts', by: 'host', steps: called.map(settings) },
      ...called.map(
        (host): Event => ({
          ...{ type: 'step.applied', ...settings(host), changes: [change], seconds: 1 },
          lines: [`key ${PASSWORD} on ${host}`],
        }),
      ),
    ];
    expect(await plain(false, told)).toContain('hunt, node0 and 99 others: Kernel settings: + key ••• on …');
  });
});
