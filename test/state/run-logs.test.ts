import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { tidyLogs } from '../../src/state/run-logs.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpaas-logs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const name = (nth: number): string => `20261125-${`${nth}`.padStart(6, '0')}.log`;

test('the log of a run that did nothing goes, and of many the oldest', () => {
  for (let nth = 0; nth < 503; nth++) writeFileSync(join(folder, name(nth)), '');
  writeFileSync(join(folder, 'notes.txt'), '');
  tidyLogs(join(folder, name(502)), { useless: false });
  expect(readdirSync(folder).toSorted()).toEqual([
    ...Array.from({ length: 500 }, (_, nth) => name(nth + 3)),
    'notes.txt',
  ]);
  tidyLogs(join(folder, name(502)), { useless: true });
  expect(readdirSync(folder)).not.toContain(name(502));
  expect(readdirSync(folder)).toHaveLength(500);
});

test('where no run has written a log there is nothing to do', () => {
  expect(() => tidyLogs(join(folder, 'none', name(1)), { useless: true })).not.toThrow();
});
