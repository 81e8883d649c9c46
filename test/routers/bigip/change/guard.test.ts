import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ARM, CONFIRM, FIRE } from '../../../../src/routers/bigip/change/guard.ts';

/** An imish that keeps a file: `-f` appends lines, takes away those that begin with `no`, and goes on after what it does not know. */
const IMISH = (running: string) => `#!/bin/sh
[ "$TERM" = vt100 ] || exit 1
shift 2
if [ "$1" = -e ]; then exec cat ${running}; fi
while IFS= read -r line; do
  line=\${line%?}
  case $line in
    no\\ *) grep -vxF -- "\${line#no }" ${running} >${running}.new; mv ${running}.new ${running} ;;
    bad*) echo '% Invalid input' ;;
    *) echo "$line" >>${running} ;;
  esac
done <"$2"
`;

let at: string;
let folder: string;
let running: string;
const lines = (): readonly string[] => readFileSync(running, 'utf8').split('\n').filter(Boolean);
const TOKEN = 'f00d';

const sh = (script: string, args: readonly (string | number)[], input = '') =>
  execa('sh', ['-c', script, 'cpaas', folder, ...args.map(String)], {
    env: { PATH: `${at}:${process.env['PATH']}` },
    input,
    reject: false,
  });
const arm = (seconds: number, undo = 'no neighbor \n', holder = JSON.stringify({ token: TOKEN })) =>
  sh(ARM, [0, seconds, undo.length, holder], undo);
const ended = () => vi.waitUntil(() => existsSync(`${folder}.last/outcome`), { timeout: 20_000, interval: 20 });

beforeEach(() => {
  at = mkdtempSync(join(tmpdir(), 'cpaas-guard-'));
  folder = join(at, 'revert');
  running = join(at, 'running');
  writeFileSync(running, 'router\nend\n');
  writeFileSync(join(at, 'imish'), IMISH(running), { mode: 0o755 });
});
afterEach(async () => {
  if (existsSync(folder)) await sh(CONFIRM, [TOKEN]);
  rmSync(at, { recursive: true, force: true });
});

test('docs/bigip.md shows the guard as it is', () => {
  const page = readFileSync(new URL('../../../../docs/bigip.md', import.meta.url), 'utf8');
  const [, guard = ''] = /^```sh\n(# Takes a change of BGP back.*?)^```$/ms.exec(page) ?? [];
  expect(guard).not.toBe('');
  expect(ARM).toContain(guard);
});

describe.skipIf(!existsSync('/proc/uptime'))('The revert on a unit', () => {
  test('is armed with what stands now, in a folder that nobody else may enter', async () => {
    const { stdout, exitCode } = await arm(120);
    expect([exitCode, stdout]).toEqual([0, 'router\nend']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'before')).mode & 0o077).toBe(0);
  });

  test('takes back by itself what nobody confirmed', async () => {
    await arm(5);
    writeFileSync(running, 'router\nend\nneighbor\n');
    await ended();
    expect(lines()).toEqual(['router', 'end']);
    expect(existsSync(folder)).toBe(false);
    expect(readFileSync(`${folder}.last/outcome`, 'utf8')).toBe('reverted\n');
    expect(existsSync(`${folder}.last/before`)).toBe(false);
  });

  test('that is confirmed does nothing any more, and leaves nothing', async () => {
    await arm(120);
    writeFileSync(running, 'router\nend\nneighbor\n');
    expect((await sh(CONFIRM, [TOKEN])).exitCode).toBe(0);
    expect([existsSync(folder), existsSync(`${folder}.last`)]).toEqual([false, false]);
    expect((await sh(FIRE, [TOKEN, 0])).stdout).toBe('gone');
    expect(lines()).toContain('neighbor');
  });

  test('fired does not wait for its time, and is waited for', async () => {
    await arm(120);
    writeFileSync(running, 'router\nend\nneighbor\n');
    expect((await sh(FIRE, [TOKEN, 0])).stdout).toBe('reverted');
    expect(lines()).toEqual(['router', 'end']);
    expect((await sh(CONFIRM, [TOKEN])).exitCode).toBe(3);
  });

  test('types nothing where nothing changed', async () => {
    await arm(120, 'surprise \n');
    expect((await sh(FIRE, [TOKEN, 0])).stdout).toBe('reverted');
    expect(lines()).toEqual(['router', 'end']);
  });

  test('goes on after a line that is refused, and tells what somebody else changed meanwhile', async () => {
    await arm(120, 'bad \nno neighbor \n');
    writeFileSync(running, 'router\nend\nneighbor\ntheirs\n');
    expect((await sh(FIRE, [TOKEN, 0])).stdout).toBe('differs\n% Invalid input');
    expect(lines()).toEqual(['router', 'end', 'theirs']);
  });

  test('whose process was killed is done by whoever fires it', async () => {
    await arm(120);
    const pid = Number(
      await vi.waitUntil(() => existsSync(join(folder, 'pid')) && readFileSync(join(folder, 'pid'), 'utf8').trim()),
    );
    process.kill(pid, 'SIGKILL');
    writeFileSync(running, 'router\nend\nneighbor\n');
    expect((await sh(FIRE, [TOKEN, 0])).stdout).toBe('reverted');
    expect(lines()).toEqual(['router', 'end']);
  });

  test('is one at a time, and answers to the one who armed it', async () => {
    await arm(120);
    const second = await arm(120, 'no neighbor \n', JSON.stringify({ token: 'beef' }));
    expect(second.exitCode).toBe(3);
    expect((await sh(CONFIRM, ['beef'])).exitCode).toBe(3);
    expect((await sh(FIRE, ['beef', 0])).stdout).toBe('gone');
    expect(readFileSync(join(folder, 'holder'), 'utf8')).toContain(TOKEN);
  });

  test('is not armed by half of its lines', async () => {
    const { exitCode, stderr } = await sh(ARM, [0, 120, 99, '{}'], 'no neighbor \n');
    expect([exitCode, stderr]).toEqual([1, 'the lines did not arrive whole']);
    expect(existsSync(folder)).toBe(false);
  });

  test('of a client that died right after confirming is none any more', async () => {
    await arm(120);
    mkdirSync(join(folder, 'confirmed'));
    expect((await sh(FIRE, [TOKEN, 0])).stdout).toBe('gone');
    expect(existsSync(folder)).toBe(false);
  });
});
