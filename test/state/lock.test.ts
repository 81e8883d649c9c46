import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Holder, thisProcess } from '../../src/process/holder.ts';
import { takeLock } from '../../src/state/lock.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Process 1 is there, and is not the one that this holder was. */
const dead = (): Holder => ({ ...thisProcess(), pid: 1, born: '1' });

const hold = (file: string, holder: Holder, token: string): void =>
  writeFileSync(file, JSON.stringify({ ...holder, token, command: 'up' }));
const tokenIn = (file: string): string => JSON.parse(readFileSync(file, 'utf8')).token;
const held = expect.objectContaining({ code: 'LOCK.HELD' });

test('who holds it, and since when, is told; given back, it can be taken again', () => {
  const release = takeLock(path, 'up');
  const { pid, user, machine, since } = JSON.parse(readFileSync(path, 'utf8'));
  expect(() => takeLock(path, 'down')).toThrow(
    expect.objectContaining({
      code: 'LOCK.HELD',
      message: 'another cpaas up is at work on this cluster',
      evidence: [
        { label: 'process', text: `${pid} of ${user} on ${machine}` },
        { label: 'since', text: since },
      ],
    }),
  );
  release();
  takeLock(path, 'down')();
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['has died', dead],
  ['has died, its number being another process by now', () => ({ ...thisProcess(), born: '1' })],
  ['ran before the machine was started anew', () => ({ ...thisProcess(), boot: 'another' })],
  ['has died and had no start time', () => ({ ...thisProcess(), pid: 2 ** 22, born: '' })],
])('the lock of a process that %s is taken over at once', (_, holder) => {
  hold(path, holder(), 'old');
  takeLock(path, 'up')();
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['of another machine', () => ({ ...dead(), machine: 'elsewhere' })],
  ['of another machine that has the same name', () => ({ ...dead(), machineId: 'another' })],
  ['of another container', () => ({ ...dead(), pids: 'pid:[1]' })],
])('a process %s cannot be asked, and is believed', (_, holder) => {
  hold(path, holder(), 'old');
  expect(() => takeLock(path, 'up')).toThrow(held);
  expect(tokenIn(path)).toBe('old');
});

test('what is no lock of this version is somebody’s, and how to go on is said', () => {
  for (const text of ['', '{"pid":1}', '\0\0']) {
    writeFileSync(path, text);
    expect(() => takeLock(path, 'up')).toThrow(held);
    expect(readFileSync(path, 'utf8')).toBe(text);
  }
});

test('a process that died while it took a dead lock over is in nobody’s way', () => {
  hold(path, dead(), 'first');
  hold(`${path}.after-first`, dead(), 'second');
  hold(`${path}.after-second`, dead(), 'third');
  takeLock(path, 'up')();
  expect(readdirSync(folder)).toEqual([]);
});

test('while somebody takes a dead lock over, nobody else does', () => {
  hold(path, dead(), 'first');
  hold(`${path}.after-first`, thisProcess(), 'second');
  expect(() => takeLock(path, 'up')).toThrow(held);
  expect(tokenIn(path)).toBe('first');
});

test('a lock that is another’s by now is not given back by the first one', () => {
  const release = takeLock(path, 'up');
  hold(path, thisProcess(), 'another');
  release();
  expect(tokenIn(path)).toBe('another');
});

test('the lock is its owner’s alone, and leaves nothing beside it', () => {
  const release = takeLock(path, 'up');
  expect(readdirSync(folder)).toEqual(['lock']);
  expect(existsSync(path)).toBe(true);
  release();
});
