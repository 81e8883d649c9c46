import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { CpaasError } from '../core/errors.ts';
import { keeping } from './disk.ts';

const Holder = z.object({
  pid: z.number(),
  /** When the process began, in the kernel's ticks: a number that comes round again is another process. */
  born: z.string(),
  machine: z.string(),
  user: z.string(),
  command: z.string(),
  since: z.string(),
});
type Holder = z.infer<typeof Holder>;

/**
 * Takes the lock of a cluster; returns what gives it back. One run per cluster at a time: `LOCK.HELD` says who has it and since
 * when. The lock of a process that is dead is taken over. Where none can be made, `STATE.WRITE`.
 */
export const takeLock = (path: string, command: string): (() => void) => keeping(path, () => take(path, command));

function take(path: string, command: string): () => void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const me: Holder = {
    pid: process.pid,
    born: born(process.pid) ?? '',
    machine: hostname(),
    user: userInfo().username,
    command,
    since: new Date().toISOString(),
  };
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, `${JSON.stringify(me)}\n`, { mode: 0o600 });
  try {
    // a link is made or not made, by one process only, and never half written
    while (!linked(mine, path)) {
      const holder = read(path);
      if (holder && alive(holder)) throw held(holder, path);
      setAside(path, holder);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => {
    if (isDeepStrictEqual(read(path), me)) rmSync(path, { force: true });
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

/** Takes away a dead lock, unless another process has just done so and put its own there: that one is given back. */
function setAside(path: string, dead: Holder | undefined): void {
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = read(aside);
  if (taken && !isDeepStrictEqual(taken, dead)) linked(aside, path);
  rmSync(aside, { force: true });
}

function read(path: string): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** A holder on another machine cannot be asked, so it is believed. */
function alive({ pid, born: since, machine }: Holder): boolean {
  if (machine !== hostname()) return true;
  const now = born(pid);
  if (now !== undefined) return now === since;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Start time of a process, from Linux's /proc; nothing where there is no such process, or no /proc. */
function born(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the program's name, in brackets, may hold anything: count from behind it
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function held({ pid, machine, user, command, since }: Holder, path: string): CpaasError {
  return new CpaasError('LOCK.HELD', `another cpaas ${command} is at work on this cluster`, {
    evidence: [
      { label: 'process', text: `${pid} of ${user} on ${machine}` },
      { label: 'since', text: since },
    ],
    next: [{ label: 'wait for it, or end it; status, plan and verify need no lock' }, { label: `the lock is ${path}` }],
  });
}
