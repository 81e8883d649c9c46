import { randomBytes } from 'node:crypto';
import { linkSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { CpaasError } from '../core/errors.ts';
import { Holder, mayBeAtWork, thisProcess } from '../process/holder.ts';
import { keeping, readText } from './disk.ts';
import { replaceFile } from './whole-file.ts';

const Held = Holder.extend({
  /** Tells this taking of the lock from every other. */
  token: z.string(),
  command: z.string(),
});
type Held = z.infer<typeof Held>;

/**
 * Takes the lock of a cluster; returns what gives it back. One run per cluster at a time: `LOCK.HELD` says who has it and since
 * when. The lock of a process that is dead is taken over. Where none can be made, `STATE.WRITE`.
 */
export const takeLock = (path: string, command: string): (() => void) =>
  keeping(path, () => take(path, { ...thisProcess(), token: randomBytes(8).toString('hex'), command }));

function take(path: string, me: Held): () => void {
  const mine = `${path}.${me.token}`;
  replaceFile(mine, `${JSON.stringify(me)}\n`);
  try {
    // a link is made or not made, by one process only, and never half written
    while (!linked(mine, path)) removeDead(path, mine, path);
  } finally {
    rmSync(mine, { force: true });
  }
  return () => {
    if (read(path)?.token === me.token) rmSync(path, { force: true });
  };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Takes away what a dead process holds. Of all who find it only one may, so that nobody takes away what another has put there since:
 * whoever makes the file that is named for the dead one's token, which is never seen again. He may die as well.
 */
function removeDead(file: string, mine: string, lock: string): void {
  const dead = read(file);
  if (!dead) return;
  if (mayBeAtWork(dead)) throw held(dead, lock);
  const right = `${lock}.after-${dead.token}`;
  if (!linked(mine, right)) removeDead(right, mine, lock);
  else {
    if (read(file)?.token === dead.token) rmSync(file, { force: true });
    rmSync(right, { force: true });
  }
}

/** Nothing where nobody has it. What is not a lock of this version is somebody's: it cannot be known whether he is dead. */
function read(path: string): Held | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  try {
    return Held.parse(JSON.parse(text));
  } catch (cause) {
    throw new CpaasError('LOCK.HELD', `${path} is not a lock that this version of cpaas has written`, {
      cause,
      next: [{ label: 'when no cpaas is at work on this cluster, on no machine: remove that file' }],
    });
  }
}

const held = ({ pid, machine, user, command, since }: Held, path: string): CpaasError =>
  new CpaasError('LOCK.HELD', `another cpaas ${command} is at work on this cluster`, {
    evidence: [
      { label: 'process', text: `${pid} of ${user} on ${machine}` },
      { label: 'since', text: since },
    ],
    next: [{ label: 'wait for it, or end it; status, plan and verify need no lock' }, { label: `the lock is ${path}` }],
  });
