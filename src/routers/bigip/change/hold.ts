import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { CpaasError } from '../../../core/errors.ts';
import { type ReadCommand, reading } from '../../../core/reading.ts';
import type { Output } from '../../../core/transport.ts';
import { mayBeAtWork, Holder as ProcessHolder, thisProcess } from '../../../process/holder.ts';
import { parseConfig, type RouterConfig } from '../config/config.ts';
import { folderOf } from './guard.ts';

/** Who is at work on a route domain of a unit, as the unit itself keeps it. */
const Holder = ProcessHolder.extend({
  /** Tells one arming from every other. */
  token: z.string(),
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
  ...thisProcess(),
  token: randomBytes(8).toString('hex'),
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

/** Whether somebody else may still be about to confirm it. This process itself is not: it does one thing at a time. */
export const isOthers = (holder: Holder): boolean => {
  const me = thisProcess();
  return mayBeAtWork(holder) && !(holder.pid === me.pid && holder.pids === me.pids && holder.boot === me.boot);
};

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
