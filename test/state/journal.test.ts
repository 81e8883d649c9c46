import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HeldPlace, Journal } from '../../src/core/journal.ts';
import type { ElementChange } from '../../src/core/step.ts';
import { fileJournal } from '../../src/state/journal.ts';
import { mendJournal } from '../../src/state/journal-mend.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-journal-'));
  path = join(folder, 'new', 'state', 'journal.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true }));

const place = (step: string): HeldPlace => ({
  ...{ step, kind: 'cells', place: { place: step }, host: 'h', phase: { name: 'P', rank: 1, turn: 0 } },
  within: { step: 'box', key: 'box', kind: 'cells', place: { place: 'box' } },
});
const change = (key: string, from: unknown, to: unknown, before?: unknown): ElementChange => ({
  ...{ key, from, to, before },
  cause: 'wanted',
});
const who = { user: 'u', machine: 'm' };

/** What a journal says of the present and of the runs that it holds. */
const said = (journal: Journal) => ({ holdings: journal.holdings(), runs: journal.runs() });

/** A run that changes one element and is read back. */
function run(journal: Journal, name: string, step: string, changes: readonly ElementChange[], settled = true): void {
  journal.begin({ run: name, command: 'up', ...who });
  journal.intend(place(step), changes);
  if (settled)
    journal.settle(
      step,
      changes.map(({ key }) => key),
    );
  journal.end('applied', 1);
}

test('what is in memory is what the next process reads, of whatever was noted', () => {
  const step = fc.constantFrom('a', 'b');
  const keys = fc.uniqueArray(fc.constantFrom('k', 'l', 'm'), { minLength: 1 });
  const value = fc.option(fc.constantFrom('x', 'y', { deep: ['z'] }), { nil: undefined });
  const act = fc.oneof(
    fc.record({ type: fc.constant('intend'), step, keys, from: value, to: value, closing: fc.boolean() }),
    fc.record({ type: fc.constantFrom('settle', 'release', 'closed', 'end', 'begin'), step, keys }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
      rmSync(path, { force: true });
      const journal = fileJournal(path);
      journal.begin({ run: 'r', command: 'up', ...who });
      for (const [at, each] of acts.entries()) {
        if ('to' in each)
          journal.intend(
            place(each.step),
            each.keys.map((key) => change(key, each.from, each.to)),
            each.closing ? { before: 'b' } : undefined,
          );
        else if (each.type === 'settle') journal.settle(each.step, each.keys);
        else if (each.type === 'release') journal.release(each.step, each.keys);
        else if (each.type === 'closed') journal.closed(each.step);
        else if (each.type === 'end') journal.end('applied');
        else journal.begin({ run: `r${at}`, command: 'down', ...who });
      }
      expect(said(fileJournal(path))).toEqual(said(journal));
    }),
    { numRuns: 100 },
  );
});

test('a run knows of each change what was found, what it was made, and whether it was read back, then or later', () => {
  run(fileJournal(path), 'r1', 'a', [change('k', undefined, 'x'), change('l', 'y', undefined)], false);
  expect(
    fileJournal(path)
      .runs()[0]
      ?.changes.map(({ settled }) => settled),
  ).toEqual([false, false]);
  run(fileJournal(path), 'r2', 'a', [change('k', 'x', 'x')]);
  expect(fileJournal(path).runs()[0]?.changes).toEqual([
    { step: 'a', key: 'k', from: undefined, to: 'x', settled: true },
    { step: 'a', key: 'l', from: 'y', to: undefined, settled: false },
  ]);
});

test('a journal and its folder are the user’s alone', () => {
  run(fileJournal(path), 'r1', 'a', [change('k', undefined, 'x')]);
  expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
  expect((statSync(join(folder, 'new')).mode & 0o777).toString(8)).toBe('700');
});

describe('of another version', () => {
  test('a later one: what is known can be read, nothing can be changed', () => {
    run(fileJournal(path), 'r1', 'a', [change('k', undefined, 'x')]);
    const before = readFileSync(path, 'utf8');
    appendFileSync(path, '{"v":2,"type":"promised","to":["whatever"]}\n');
    const journal = fileJournal(path);
    expect(journal.runs().map((each) => each.run)).toEqual(['r1']);
    expect(journal.newer).toMatchObject({
      code: 'JOURNAL.NEWER',
      evidence: [{ text: expect.stringContaining(':5,') }],
    });
    expect(() => journal.begin({ run: 'r2', command: 'forget', ...who })).toThrow(
      expect.objectContaining({ code: 'JOURNAL.NEWER' }),
    );
    expect(readFileSync(path, 'utf8').startsWith(before)).toBe(true);
  });

  test.each([
    ['text', 'what?'],
    ['a list', '[1]'],
    ['half an entry', '{"v":1,"type":"settled","step":"a"}'],
    ['an entry without a version', '{"type":"closed"}'],
    ['zeros', '\0\0\0'],
    ['a type that this version never had', '{"v":1,"type":"promised","run":"r","at":"now"}'],
  ])('damage that is %s is refused with its line and the way out', (_, line) => {
    run(fileJournal(path), 'r1', 'a', [change('k', undefined, 'x')]);
    appendFileSync(path, `${line}\n`);
    run({ ...fileJournal(join(folder, 'other')) }, 'r', 'a', [change('k', undefined, 'x')]);
    appendFileSync(path, readFileSync(join(folder, 'other')));
    expect(() => fileJournal(path)).toThrow(
      expect.objectContaining({
        code: 'JOURNAL.CORRUPT',
        message: expect.stringContaining('journal.ndjson:5'),
        next: [expect.objectContaining({ command: 'cpaas runs mend' })],
      }),
    );
  });
});

describe('mending', () => {
  test('takes out what cannot be read, keeps it, and leaves the rest as it was', () => {
    run(fileJournal(path), 'r1', 'a', [change('k', undefined, 'x')]);
    const [first = '', ...rest] = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, [first, 'what?', ...rest].join('\n'));
    expect(mendJournal(path)).toMatchObject({ damaged: [{ line: 2, text: 'what?' }] });
    expect(readFileSync(path, 'utf8')).toBe([first, ...rest].join('\n'));
    expect(readFileSync(`${path}.damaged`, 'utf8')).toBe('what?\n');
    expect(fileJournal(path).holdings()).toHaveLength(1);
  });

  test('of a whole one changes nothing, a later version’s neither', () => {
    run(fileJournal(path), 'r1', 'a', [change('k', undefined, 'x')]);
    appendFileSync(path, '{"v":2}\n');
    const before = statSync(path, { bigint: true });
    expect(mendJournal(path).damaged).toEqual([]);
    const { ino, mtimeNs } = statSync(path, { bigint: true });
    expect({ ino, mtimeNs }).toEqual({ ino: before.ino, mtimeNs: before.mtimeNs });
  });
});

describe('a long journal', () => {
  const long = 'x'.repeat(10_000);
  /** A history of runs, each by a process of its own; what the first process reads of each is counted in bytes. */
  function history(runs: number, down: boolean): readonly number[] {
    const read: number[] = [];
    for (let at = 0; at < runs; at++) {
      read.push(statSync(path, { throwIfNoEntry: false })?.size ?? 0);
      const journal = fileJournal(path);
      const key = `k${at % 5}`;
      const mine = journal.holding('a')?.elements.get(key);
      const from = mine?.meant;
      const to = `${long}${at}`;
      run(journal, `r${at}`, 'a', [change(key, from, to, mine?.before)]);
      if (down) run(journal, `d${at}`, 'a', [change(key, to, undefined)]);
    }
    return read;
  }

  test('is not read whole by a run: what a run reads does not grow with the runs before it', () => {
    const read = history(120, false);
    expect(Math.max(...read)).toBeLessThan(1.2 * 1024 * 1024);
    expect(readdirSync(join(path, '..'))).toContain('journal.2.ndjson');
  });

  test('of a cluster that is down is short', () => {
    history(40, true);
    expect(statSync(path).size).toBeLessThan(120 * 1024);
    expect(fileJournal(path).holdings()).toEqual([]);
  });

  test('says the same of the present as one that was never put away; and of the past, to whoever asks for all of it', () => {
    history(120, false);
    const live = fileJournal(path);
    const whole = fileJournal(path, { whole: true });
    expect(live.holdings()).toEqual(whole.holdings());
    expect(live.runs().length).toBeLessThan(120);
    expect(whole.runs().map((each) => each.run)).toEqual(Array.from({ length: 120 }, (_, at) => `r${at}`));
    expect(whole.holding('a')?.elements.get('k0')).toEqual({
      ...{ before: undefined, meant: `${long}115`, settled: true },
      ours: [`${long}115`],
    });
    expect(whole.runs().at(0)?.places).toEqual([place('a')]);
  });

  test('that was cut off while it was put away is as it was', () => {
    history(20, false);
    const whole = said(fileJournal(path));
    // the first part is on disk, the journal still has everything
    writeFileSync(path.replace('.ndjson', '.1.ndjson'), readFileSync(path, 'utf8').slice(0, 5000));
    expect(said(fileJournal(path, { whole: true }))).toEqual(whole);
    history(1, false);
  });
});
