import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { setup, teardown } from '../helpers/run-folder.ts';

test('temporary files of this run are in a folder of its own', () => {
  expect(process.env['TMPDIR']).toBe(tmpdir());
  expect(dirname(mkdtempSync(join(tmpdir(), 'cpaas-own-')))).toBe(tmpdir());
});

test('it goes with what tests have left in it, and comes before whatever was the folder before', () => {
  const before = tmpdir();
  setup();
  const folder = tmpdir();
  try {
    expect(dirname(folder)).toBe(before);
    mkdirSync(join(folder, 'left/over'), { recursive: true });
    writeFileSync(join(folder, 'left/over/file'), '');
  } finally {
    teardown();
  }
  expect([existsSync(folder), tmpdir()]).toEqual([false, before]);
});

test.skipIf(process.getuid?.() !== 0)('what was left mounted there is unmounted, and keeps what it holds', () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'cpaas-elsewhere-'));
  const kept = join(elsewhere, 'kept');
  writeFileSync(kept, 'still here');
  setup();
  const folder = tmpdir();
  try {
    const mounted = join(folder, 'mounted');
    mkdirSync(mounted);
    execFileSync('mount', ['--bind', elsewhere, mounted]);
  } finally {
    teardown();
  }
  expect([existsSync(folder), readFileSync(kept, 'utf8')]).toEqual([false, 'still here']);
  rmSync(elsewhere, { recursive: true });
});
