import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendLine, readLines } from '../../src/state/append-only.ts';
import { writeWhole } from '../../src/state/disk.ts';
import { fileJournal } from '../../src/state/journal.ts';
import { takeLock } from '../../src/state/lock.ts';
import { loadRecord, saveRecord } from '../../src/state/record.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-state-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const unkept = expect.objectContaining({ code: 'STATE.WRITE' });
const unread = expect.objectContaining({ code: 'STATE.READ' });
const record = { v: 1 as const, cluster: 'c', hosts: {}, units: {} };

describe('a disk that takes only a part of what it is given', () => {
  const written = (write: Parameters<typeof writeWhole>[3]): string => {
    const path = join(folder, 'text');
    const file = openSync(path, 'w');
    try {
      writeWhole(file, 'a line with an ü and an end\n', 0, write);
    } finally {
      closeSync(file);
    }
    return readFileSync(path, 'utf8');
  };

  test('is asked again until it has taken all', () => {
    const bit: Parameters<typeof writeWhole>[3] = (file, bytes, offset, length, position) =>
      writeSync(file, bytes, offset, Math.min(3, length), position);
    expect(written(bit)).toBe('a line with an ü and an end\n');
  });

  test('and then nothing more has not kept it', () => {
    expect(() => written(() => 0)).toThrow('ENOSPC');
  });
});

test('a disk without space is told before anything is changed', () => {
  expect(() => appendLine('/dev/full', 'intent')).toThrow(unkept);
});

test('a state folder that cannot be one is told by every part of the state', () => {
  const under = join(folder, 'file', 'x');
  writeFileSync(join(folder, 'file'), '');
  expect(() => takeLock(under, 'up')).toThrow(unkept);
  expect(() => appendLine(under, 'line')).toThrow(expect.objectContaining({ code: expect.stringMatching(/^STATE\./) }));
  expect(() => saveRecord(under, record)).toThrow(unread);
  expect(() => loadRecord(under, 'c')).toThrow(unread);
  expect(() => fileJournal(under)).toThrow(unread);
});

test('a line that was torn is taken away by the next one', () => {
  const path = join(folder, 'journal');
  writeFileSync(path, 'whole\nto');
  expect(readLines(path)).toEqual(['whole']);
  appendLine(path, 'next');
  expect(readLines(path)).toEqual(['whole', 'next']);
});

test('a run ends once: what is said of its end later counts for no other', () => {
  const journal = fileJournal(join(folder, 'journal.ndjson'));
  const place = {
    step: 's:1',
    kind: 's',
    place: {},
    host: 'h',
    within: undefined,
    phase: { name: 'P', rank: 1, turn: 0 },
  };
  const who = { user: 'u', machine: 'm' };
  journal.begin({ run: 'one', command: 'up', ...who });
  journal.intend(place, [{ key: 'k', from: undefined, to: 1, before: undefined, cause: 'wanted' }]);
  journal.end('failed');
  journal.end('applied');
  journal.begin({ run: 'two', command: 'rollback', ...who });
  journal.end('failed');
  expect(journal.runs().map(({ run, outcome }) => ({ run, outcome }))).toEqual([{ run: 'one', outcome: 'failed' }]);
});
