import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cpaas-compiled-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Fails when the program does, or when it says anything besides its version. */
function version(env: NodeJS.ProcessEnv): void {
  const said = execFileSync('sh', ['-c', '"$@" 2>&1', 'sh', process.execPath, resolve('bin/cpaas.js'), '--version'], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  });
  expect(said).toMatch(/^\d+\.\d+\.\d+\n$/);
}

test('what was compiled is kept in the cache of the user, where Node.js can, for nobody else to see', () => {
  const able = 'enableCompileCache' in module;
  const elsewhere = join(home, 'elsewhere');
  mkdirSync(elsewhere);
  for (const [env, cache] of [
    [{ HOME: home }, join(home, '.cache/cpaas')],
    [{ HOME: home, XDG_CACHE_HOME: elsewhere }, join(elsewhere, 'cpaas')],
  ] as const) {
    version(env);
    expect(existsSync(join(cache, 'compiled'))).toBe(able);
    if (able) expect(statSync(cache).mode & 0o777).toBe(0o700);
  }
});

test('where nothing can be kept the program runs all the same', () => {
  const file = join(home, 'file');
  writeFileSync(file, '');
  for (const cache of [file, join(home, 'absent'), '/proc']) version({ HOME: home, XDG_CACHE_HOME: cache });
  version({ HOME: '/nonexistent' });
  expect(existsSync(join(home, 'absent'))).toBe(false);
});

test.skipIf(process.getuid?.() !== 0)('nothing is left in the home of somebody else', () => {
  chownSync(home, 65534, 65534);
  version({ HOME: home });
  expect(existsSync(join(home, '.cache'))).toBe(false);
});
