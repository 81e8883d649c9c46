import fs, { mkdtempSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fileJournal } from '../../src/state/journal.ts';
import { replaceFile } from '../../src/state/whole-file.ts';

/** What was flushed to disk, in this order. */
const synced: string[] = [];
const paths = new Map<number, string>();
const { openSync, fsyncSync } = fs;
beforeAll(() => {
  fs.openSync = (...words) => {
    const file = openSync(...words);
    paths.set(file, String(words[0]));
    return file;
  };
  fs.fsyncSync = (file) => {
    fsyncSync(file);
    synced.push(paths.get(file) ?? '');
  };
  syncBuiltinESMExports();
});

const root = mkdtempSync(join(tmpdir(), 'cpaas-folder-'));
afterAll(() => {
  Object.assign(fs, { openSync, fsyncSync });
  syncBuiltinESMExports();
  rmSync(root, { recursive: true });
});
beforeEach(() => {
  synced.length = 0;
});

test('the first line of a journal is on disk with every folder that was made for it', () => {
  const journal = fileJournal(join(root, 'a/b/c/journal.ndjson'));
  journal.begin({ run: 'r', command: 'up', user: 'u', machine: 'm' });
  journal.release('s', []);
  expect(synced.slice(0, 5)).toEqual([
    join(root, 'a/b'),
    join(root, 'a'),
    root,
    join(root, 'a/b/c/journal.ndjson'),
    join(root, 'a/b/c'),
  ]);
});

test('so is a file that is written whole; where the folder was there, no other is flushed', () => {
  replaceFile(join(root, 'd/cluster.json'), '{}');
  expect(synced).toEqual([root, expect.stringContaining('cluster.json.'), join(root, 'd')]);
  synced.length = 0;
  replaceFile(join(root, 'd/cluster.json'), '{}');
  expect(synced).toEqual([expect.stringContaining('cluster.json.'), join(root, 'd')]);
});
