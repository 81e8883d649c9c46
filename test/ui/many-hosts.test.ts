import { describe, expect, test } from 'vitest';
import { several } from '../../src/ui/alike.ts';
import type { PhaseProgress, Row } from '../../src/ui/progress.ts';
import { plainStyle } from '../../src/ui/style.ts';
import { endedLines, isShown, restLine } from '../../src/ui/task-lines.ts';

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
