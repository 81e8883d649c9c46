import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const NOBODY = 65534;
const root = process.getuid?.() === 0;
const recorder = resolve('test/helpers/compile-cache.js');

let home = '';
let record = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cpaas-compiled-'));
  record = join(home, 'record');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** The folder that a call keeps what it has compiled in. Fails when the call does, or when it says anything besides its version. */
function kept(env: NodeJS.ProcessEnv, cwd = process.cwd()): string | undefined {
  writeFileSync(record, '');
  const call = [process.execPath, '--import', recorder, resolve('bin/cpaas.js'), '--version'];
  const said = execFileSync('sh', ['-c', '"$@" 2>&1', 'sh', ...call], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], RECORD: record, ...env },
  });
  expect(said).toMatch(/^\d+\.\d+\.\d+\n$/);
  const [folder, ...more] = readFileSync(record, 'utf8').split('\n').filter(Boolean);
  expect(more).toEqual([]);
  return folder;
}

/** A folder below the home, with all of its parents, for the owner alone. */
function folder(path: string): string {
  const made = join(home, path);
  mkdirSync(made, { recursive: true, mode: 0o700 });
  return made;
}

test('what was compiled is kept in the cache of the user, for nobody else to see', () => {
  const elsewhere = folder('elsewhere');
  for (const [env, cache] of [
    [{ HOME: home }, join(home, '.cache/cpaas')],
    [{ HOME: home, XDG_CACHE_HOME: elsewhere }, join(elsewhere, 'cpaas')],
  ] as const) {
    // the second call finds what the first has made
    expect([kept(env), kept(env)]).toEqual([join(cache, 'compiled'), join(cache, 'compiled')]);
    expect(statSync(cache).mode & 0o777).toBe(0o700);
  }
});

test('whoever has decided for himself is left alone', () => {
  expect(kept({ HOME: home, NODE_COMPILE_CACHE: folder('own') })).toBeUndefined();
  expect(kept({ HOME: home, NODE_DISABLE_COMPILE_CACHE: '1' })).toBeUndefined();
  expect(existsSync(join(home, '.cache'))).toBe(false);
});

test('where nothing can be kept the program runs all the same', () => {
  const file = join(home, 'file');
  writeFileSync(file, '');
  for (const cache of [file, join(home, 'absent'), '/proc'])
    expect(kept({ HOME: home, XDG_CACHE_HOME: cache })).toBeUndefined();
  expect(kept({ HOME: '/nonexistent' })).toBeUndefined();
  expect(existsSync(join(home, 'absent'))).toBe(false);
});

test('a relative path counts for nothing: nothing is left where somebody works', () => {
  const cwd = folder('work');
  folder('work/cache');
  for (const cache of ['cache', './cache', '../work/cache'])
    expect(kept({ HOME: home, XDG_CACHE_HOME: cache }, cwd)).toBe(join(home, '.cache/cpaas/compiled'));
  expect(existsSync(join(cwd, 'cache/cpaas'))).toBe(false);
});

const WAY = ['', '.cache', '.cache/cpaas', '.cache/cpaas/compiled'] as const;

test.each(WAY)('nothing is kept below ~/%s that others may write to', (at) => {
  folder('.cache/cpaas/compiled');
  for (const mode of [0o777, 0o1777, 0o770, 0o702]) {
    chmodSync(join(home, at), mode);
    expect({ mode, kept: kept({ HOME: home }) }).toEqual({ mode, kept: undefined });
  }
  chmodSync(join(home, at), 0o755);
  expect(kept({ HOME: home })).toBe(join(home, '.cache/cpaas/compiled'));
});

test.each(WAY.slice(1))('a link at ~/%s is not followed', (at) => {
  folder('.cache/cpaas/compiled');
  rmSync(join(home, at), { recursive: true });
  symlinkSync(folder('elsewhere/cpaas/compiled'), join(home, at));
  expect(kept({ HOME: home })).toBeUndefined();
});

test.skipIf(!root).each(WAY)("somebody else's ~/%s is not taken, and nothing is left there", (at) => {
  const path = folder(at);
  chownSync(path, NOBODY, NOBODY);
  expect(kept({ HOME: home })).toBeUndefined();
  expect(existsSync(join(home, '.cache/cpaas/compiled'))).toBe(at === '.cache/cpaas/compiled');
});
