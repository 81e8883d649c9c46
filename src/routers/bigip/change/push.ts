import type { Writer } from '../../../core/context.ts';
import { CpaasError } from '../../../core/errors.ts';
import type { SecretRef } from '../../../core/secret.ts';
import type { ElementChange } from '../../../core/step.ts';
import { elementsOf, ROUTER, type RouterConfig, renderConfig } from '../config/config.ts';
import { type LineValue, lineOf, subjectOf } from '../config/lines.ts';
import { revealing } from '../config/passwords.ts';
import type { RouteDomainPlace } from '../place.ts';
import { configure } from './conversation.ts';
import type { Hold } from './hold.ts';
import { arm, confirm, fire, isOver, timeLeft, tooLate } from './revert.ts';
import { runningConfig, whole } from './running.ts';
import { establishedIn, sessionsQuestions } from './summary.ts';

type Where = Pick<RouteDomainPlace, 'host' | 'routeDomain'>;

export interface Push {
  readonly changes: readonly ElementChange<LineValue>[];
  readonly lines: readonly string[];
  /** The lines that lead back to `current`. */
  readonly undo: readonly string[];
  /** What the lines were made for. */
  readonly current: RouterConfig;
  /** Addresses of the neighbors whose sessions are up. */
  readonly up: readonly string[];
  /** Where the password is that lines name. */
  readonly password: SecretRef | undefined;
  /** Seconds until the unit takes the change back, unless it is confirmed. */
  readonly revertAfter: number;
}

/**
 * Types lines under a revert that is armed on the unit, reads back, and confirms: rule 8 of the product. Whatever goes wrong, the revert is
 * fired and its end awaited, and the error says what is left. A client that dies or is cut off leaves a unit that reverts by itself.
 */
export async function push(ctx: Writer, where: Where, change: Push): Promise<void> {
  const { lines, undo, changes, revertAfter } = change;
  const unit = ctx.host(where.host).name;
  const reveal = await revealing(ctx, unit, [...lines, ...undo], changes, change.password);
  const armed = await arm(ctx, where, undo.map(reveal), revertAfter);
  try {
    if (renderConfig(whole(armed.before, unit)) !== renderConfig(change.current)) throw changedMeanwhile(unit);
    const accepted = (typed: number) =>
      ctx.progress(`${typed} of ${lines.length} lines · reverts by itself in ${timeLeft(armed)}`);
    const before = () => {
      if (isOver(armed)) throw tooLate(unit, revertAfter);
    };
    await configure(ctx, where, lines, { accepted, before, reveal });
    await readBack(ctx, where, change, (hold) => {
      if (hold?.holder?.token !== armed.token) throw tooLate(unit, revertAfter);
    });
    if (!(await confirm(ctx, where, armed))) throw tooLate(unit, revertAfter);
  } catch (error) {
    const taking = {
      act: () => fire(ctx, where, armed.token),
      otherwise: () => `the unit takes the change back by itself within ${timeLeft(armed)}`,
    };
    throw await takenBack(ctx, where, change, taking, error);
  }
}

/** What is in force must be what was meant, and no session be lost that is not in the change. `holds` is told who holds the unit first. */
export async function readBack(
  ctx: Writer,
  where: Where,
  { changes, current, up }: Push,
  holds: (hold: Hold | undefined) => void = () => {},
): Promise<void> {
  const { name } = ctx.host(where.host);
  const along = up.length === 0 ? [] : sessionsQuestions(where.routeDomain, current);
  const { config, hold, along: answers } = await runningConfig(ctx, where, { along, enabled: true });
  holds(hold);
  const now = elementsOf(config);
  const wrong = changes.filter(({ key, to }) => now.get(key) !== to);
  if (wrong.length > 0)
    throw new CpaasError('BGP.NOT_IN_FORCE', `${name} accepted every line, but something else is in force`, {
      evidence: wrong.map(({ key }) => ({ label: key, text: shown(key, now.get(key)) })),
      next: [{ label: 'looks again', command: 'cpaas plan' }],
    });
  if (up.length === 0) return;
  const still = establishedIn(answers);
  const lost = up.filter((address) => !still.includes(address) && !isTouched(address, changes, elementsOf(current)));
  if (lost.length > 0)
    throw new CpaasError('BGP.SESSION_LOST', `${name} lost a session that was up and is not in the change`, {
      evidence: lost.map((address) => ({ label: 'neighbor', text: address })),
      next: [{ label: 'shows both ends of every session', command: 'cpaas bgp status' }],
    });
}

const shown = (key: string, value: LineValue | undefined): string =>
  value === undefined ? 'is not there' : lineOf({ key, value });

/** Whether a change is about a neighbor, its group, or all of them. */
function isTouched(
  address: string,
  changes: readonly ElementChange<LineValue>[],
  current: ReadonlyMap<string, LineValue>,
): boolean {
  const names = [address, current.get(`neighbor ${address} peer-group`)];
  return changes.some(({ key, from }) => {
    const subject = subjectOf(key);
    return subject ? names.includes(subject.name) : from !== undefined || key === ROUTER || key === 'bgp router-id';
  });
}

const changedMeanwhile = (unit: string): CpaasError =>
  new CpaasError('BGP.CHANGED', `${unit}: somebody changed BGP while cpaas was about to`, {
    next: [{ label: 'looks again', command: 'cpaas plan' }],
  });

interface TakingBack {
  /** Takes the change back now. */
  act(): Promise<unknown>;
  /** What becomes of it where that cannot be done. */
  otherwise(): string;
}

/** The error, with what is left of the change in the world. */
export async function takenBack(
  ctx: Writer,
  where: Where,
  change: Push,
  { act, otherwise }: TakingBack,
  error: unknown,
): Promise<unknown> {
  const left = await leftOf(ctx, where, change, act).catch((why: unknown) => {
    if (why instanceof CpaasError) return otherwise();
    return undefined;
  });
  if (!(error instanceof CpaasError) || left === undefined) return error;
  const evidence = [...error.evidence, { label: 'state', text: left }];
  return new CpaasError(error.code, error.message, { cause: error.cause, evidence, next: error.next });
}

async function leftOf(ctx: Writer, where: Where, { changes }: Push, act: TakingBack['act']): Promise<string> {
  const { name } = ctx.host(where.host);
  await act();
  const now = elementsOf((await runningConfig(ctx, where)).config);
  const there = changes.filter(({ key, from, to }) => now.get(key) === to && to !== from);
  if (there.length === 0) return `nothing of this change is left on ${name} (read back)`;
  return `left on ${name} (read back): ${there.map(({ key }) => `${key} ${shown(key, now.get(key))}`).join('; ')}`;
}
