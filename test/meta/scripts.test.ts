import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-scripts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A script that tests; it has a terminal of its own as far as Ctrl-C goes. */
const script = (lines: string) =>
  spawn('bash', ['-c', `set -euo pipefail; ROOT=(); . scripts/run-tests.sh; ${lines}`], {
    detached: true,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'ignore'],
  });

test.each([
  ['Ctrl-C', 'SIGINT', 130],
  ['a hangup', 'SIGHUP', 143],
] as const)('what a script that tests has made and started goes with it on %s', async (_, signal, code) => {
  const started = script('beside sleep 1000; echo "$group $scratch"; joined');
  const [line] = (await once(started.stdout, 'data')) as [Buffer];
  const [group = '', scratch = ''] = line.toString().trim().split(' ');
  expect(existsSync(scratch)).toBe(true);
  const ended = once(started, 'exit');
  process.kill(-(started.pid ?? 0), signal);
  expect(await ended).toEqual([code, null]);
  expect(readdirSync(folder)).toEqual([]);
  expect(() => process.kill(-Number(group), 0)).toThrow('ESRCH');
});

test('what was started beside is waited for, with what it said and how it ended', async () => {
  const lint = 'lint() { echo said; return 3; }; beside lint >"$scratch/lint" 2>&1';
  const started = script(`${lint}; code=0; joined || code=$?; cat "$scratch/lint"; exit $code`);
  const [said] = (await once(started.stdout, 'data')) as [Buffer];
  expect(said.toString()).toBe('said\n');
  expect(started.exitCode === null ? await once(started, 'exit') : [started.exitCode, null]).toEqual([3, null]);
  expect(readdirSync(folder)).toEqual([]);
});
