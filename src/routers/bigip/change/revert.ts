import type { Writer } from '../../../core/context.ts';
import { CpaasError } from '../../../core/errors.ts';
import { type ReadCommand, reading } from '../../../core/reading.ts';
import type { Command } from '../../../core/step.ts';
import type { Query } from '../../../core/transport.ts';
import type { RouteDomainPlace } from '../place.ts';
import { ARM, CONFIRM, FIRE, folderOf } from './guard.ts';
import { type Hold, heldByAnother, holdIn, holdQuestion, isOthers, myself } from './hold.ts';
import { type Running, runningConfig } from './running.ts';

type Where = Pick<RouteDomainPlace, 'host' | 'routeDomain'>;

/** How long a change has until the unit takes it back, in seconds. */
export const REVERT_AFTER = 120;
/** Longest that the end of a revert is waited for, in milliseconds: its own patience with a daemon that is not up, and more. */
const END_OF_REVERT = 100_000;

/** What a script ends with that finds somebody else's folder, or none. */
const REFUSED = 3;

/** A revert that waits on the unit. */
export interface Armed {
  readonly token: string;
  /** `show running-config` of that moment: everything that differs later is a change made under it. */
  readonly before: string;
  /** Milliseconds of this machine's clock; before the unit's own deadline, never behind it. */
  readonly until: number;
}

/** `reverted` and `differs` (somebody else changed things meanwhile, or a line was refused), or `late`; `gone` was confirmed before. */
type Outcome = 'reverted' | 'differs' | 'late' | 'gone';

/** The lines as `imish -f` is given them: some releases lose the last character of each. */
const undoFile = (lines: readonly string[]): string => lines.map((line) => `${line} \n`).join('');

/** What a plan says of a change that is armed: the scripts are those of docs/bigip.md. */
export function planned(
  {
    routeDomain,
    revertAfter = REVERT_AFTER,
  }: { readonly routeDomain: number; readonly revertAfter?: number | undefined },
  undo: readonly string[],
): { readonly arm: Command; readonly confirm: Command } {
  const script = (what: string, ...args: readonly string[]) => [
    ...['sh', '-c', `<${what}>`, 'cpaas', folderOf(routeDomain)],
    ...args,
  ];
  return {
    arm: {
      argv: script(`arms a revert: these lines after ${revertAfter} s, unless confirmed`),
      stdin: undo.map((line) => `${line}\n`).join(''),
    },
    confirm: { argv: script('confirms, when all was read back', '<token>') },
  };
}

/** Makes the unit take back, by these lines, whatever changes from now on, unless it is confirmed. Rejects with `BGP.HELD`. */
export async function arm(
  ctx: Writer,
  { host, routeDomain }: Where,
  lines: readonly string[],
  seconds: number,
): Promise<Armed> {
  const unit = ctx.host(host);
  const holder = myself(seconds);
  const undo = undoFile(lines);
  const until = Date.now() + seconds * 1000;
  const args = [folderOf(routeDomain), routeDomain, seconds, Buffer.byteLength(undo), JSON.stringify(holder)];
  const argv = ['sh', '-c', ARM, 'cpaas', ...args.map(String)];
  const { code, stdout } = await unit.run(argv, { stdin: undo, codes: [REFUSED] });
  if (code !== REFUSED) return { token: holder.token, before: stdout, until };
  const hold = holdIn(await unit.run(holdQuestion(routeDomain).argv, { codes: [1] }));
  throw heldByAnother(unit.name, routeDomain, hold?.holder);
}

/** Whether it was in time: otherwise the unit has begun to take the change back. */
export async function confirm(ctx: Writer, { host, routeDomain }: Where, { token }: Armed): Promise<boolean> {
  const argv = ['sh', '-c', CONFIRM, 'cpaas', folderOf(routeDomain), token];
  return (await ctx.host(host).run(argv, { codes: [REFUSED] })).code === 0;
}

/** Takes the change back now, and waits until that has been done. */
export async function fire(ctx: Writer, { host, routeDomain }: Where, token: string): Promise<Outcome> {
  const argv = ['sh', '-c', FIRE, 'cpaas', folderOf(routeDomain), token, `${routeDomain}`];
  const { stdout } = await ctx.host(host).run(argv, { timeout: END_OF_REVERT });
  const [outcome = ''] = stdout.split('\n');
  return outcome === 'reverted' || outcome === 'differs' || outcome === 'late' ? outcome : 'gone';
}

/**
 * The first thing to do on a unit: a revert that a dead run has left is fired, and its end waited for. Returns what is in force then, and
 * what was answered to the questions asked along.
 * Rejects with `BGP.HELD` when somebody else is at work.
 */
export async function recover(ctx: Writer, where: Where, along: readonly ReadCommand[] = []): Promise<Running> {
  const running = await runningConfig(ctx, where, { along });
  if (!running.hold) return running;
  const { holder } = running.hold;
  const unit = ctx.host(where.host);
  if (!holder || (await isAtWork(unit, where.routeDomain, running.hold)))
    throw heldByAnother(unit.name, where.routeDomain, holder);
  ctx.progress('takes back what a run left unfinished');
  await fire(ctx, where, holder.token);
  return runningConfig(ctx, where, { along });
}

/** Whether somebody else waits to confirm, on a unit where the guard of his change waits as well. */
export async function isAtWork(unit: Query, routeDomain: number, { holder }: Hold): Promise<boolean> {
  if (holder && !isOthers(holder)) return false;
  const asked = await unit.query(reading(['cat', `${folderOf(routeDomain)}/pid`], { codes: [1] }));
  const pid = asked.stdout.trim();
  if (!/^\d+$/.test(pid)) return false;
  const guard = await unit.query(reading(['cat', `/proc/${pid}/cmdline`], { codes: [1] }));
  return guard.stdout.split('\0').includes('guard');
}

/** Milliseconds before the unit's deadline from which nothing is typed any more: what is on its way then arrives in time. */
const MARGIN = 2000;
export const isOver = ({ until }: Armed): boolean => Date.now() >= until - MARGIN;

export const timeLeft = ({ until }: Armed): string => {
  const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

export const tooLate = (unit: string, seconds: number): CpaasError =>
  new CpaasError('BGP.REVERTED', `${unit} took the change back: it was not confirmed within ${seconds} s`, {
    next: [{ label: 'give it more time: revertAfter of the router, in the cluster file' }],
  });
