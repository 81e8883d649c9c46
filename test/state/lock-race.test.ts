import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const TAKER = fileURLToPath(new URL('../helpers/lock-taker.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cpaas-race-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const hears = async (child: ChildProcess): Promise<string> => String((await once(child, 'message'))[0]);

async function started(): Promise<ChildProcess> {
  const child = fork(TAKER);
  children.push(child);
  await hears(child);
  return child;
}

test('of several processes one gets the lock, and when that is killed one of the others, every time', async () => {
  const lock = join(folder, 'cluster', 'lock');
  let racing = await Promise.all(Array.from({ length: 6 }, started));
  while (racing.length > 0) {
    const told = racing.map(hears);
    for (const child of racing) child.send(lock);
    const answers = await Promise.all(told);
    expect(answers.toSorted()).toEqual([...racing.slice(1).map(() => 'LOCK.HELD'), 'taken']);
    expect(readdirSync(join(folder, 'cluster'))).toEqual(['lock']);
    const winner = racing[answers.indexOf('taken')];
    if (!winner) break;
    const gone = once(winner, 'exit');
    winner.kill('SIGKILL');
    await gone;
    racing = racing.filter((child) => child !== winner);
  }
});
