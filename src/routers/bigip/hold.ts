import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { z } from 'zod';
import { CpaasError } from '../../core/errors.ts';
import { type ReadCommand, reading } from '../../core/reading.ts';
import type { Output } from '../../core/transport.ts';
import { parseConfig, type RouterConfig } from './config.ts';
import { folderOf } from './guard.ts';

/** Who is at work on a route domain of a unit, as the unit itself keeps it. */
const Holder = z.object({
  /** Tells one arming from every other. */
  token: z.string(),
  user: z.string(),
  machine: z.string(),
  pid: z.number(),
  /** When the process began, in the kernel's ticks: a number that comes round again is another process. */
  born: z.string(),
  /** ISO 8601. */
  since: z.string(),
  /** How long the change has, in seconds. */
  seconds: z.number(),
});
export type Holder = z.infer<typeof Holder>;

/** A revert that stands armed, or is at work. */
export interface Hold {
  /** Nothing when another version of cpaas has written it. */
  readonly holder: Holder | undefined;
  /** What stood when it was armed, and will stand again: what is in force now is going to go. */
  readonly before: RouterConfig;
}

/** This process as a holder. */
export const myself = (seconds: number): Holder => ({
  token: randomBytes(8).toString('hex'),
  user: userInfo().username,
  machine: hostname(),
  pid: process.pid,
  born: born(process.pid) ?? '',
  since: new Date().toISOString(),
  seconds,
});

/** Asks for the revert of a route domain; `holdIn` reads the answer. */
export const holdQuestion = (routeDomain: number): ReadCommand =>
  reading(['cat', `${folderOf(routeDomain)}/holder`, `${folderOf(routeDomain)}/before`], { codes: [1] });

export function holdIn({ code, stdout }: Output): Hold | undefined {
  if (code !== 0) return undefined;
  const [first = '', ...rest] = stdout.split('\n');
  return { holder: parsed(first), before: parseConfig(rest.join('\n')) };
}

function parsed(line: string): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/**
 * Whether somebody else may still be about to confirm it. A process of this machine that has ended is not, nor is this process itself:
 * it does one thing at a time. One on another machine is believed.
 */
export function isOthers(holder: Holder): boolean {
  if (holder.machine !== hostname()) return true;
  if (holder.pid === process.pid) return false;
  const now = born(holder.pid);
  if (now !== undefined) return now === holder.born;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** From Linux's /proc; nothing where there is no such process, or no /proc. */
function born(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the program's name, in brackets, may hold anything: count from behind it
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

export const heldByAnother = (unit: string, routeDomain: number, holder: Holder | undefined): CpaasError =>
  new CpaasError('BGP.HELD', `${unit}: another cpaas is at work on route domain ${routeDomain}`, {
    evidence: holder
      ? [
          { label: 'process', text: `${holder.pid} of ${holder.user} on ${holder.machine}` },
          { label: 'since', text: holder.since },
        ]
      : [{ label: 'folder', text: `${folderOf(routeDomain)}, not written by this version of cpaas` }],
    next: [
      {
        label: `wait: it confirms its change, or the unit takes it back${holder ? ` within ${holder.seconds} s` : ' by itself'}`,
      },
      { label: 'tries again', command: 'cpaas up' },
    ],
  });
