import pLimit, { type LimitFunction } from 'p-limit';
import { isUnreachable } from '../core/errors.ts';
import type { ReconcileOptions } from '../core/reconcile.ts';
import type { Step } from '../core/step.ts';
import type { Engine } from './engine.ts';
import { type Look, look } from './look.ts';
import type { Looked } from './looked.ts';
import type { Lost } from './lost.ts';
import { hostByHost } from './schedule.ts';
import { SharedAnswers } from './shared-answers.ts';

/** What all looks of a survey have in common. */
export interface Surveying {
  readonly engine: Engine;
  readonly lost: Lost;
  readonly options: ReconcileOptions;
  readonly answers: SharedAnswers;
  /** So many hosts at a time. */
  readonly limit: LimitFunction;
}

export const surveying = (engine: Engine, lost: Lost, options: ReconcileOptions): Surveying => ({
  engine,
  lost,
  options,
  answers: new SharedAnswers(engine.ctx),
  limit: pLimit(engine.parallel),
});

/** Looks at steps, those of a host all at a time; of what fails on a host the first in their order is told. */
export async function lookAll(
  items: readonly Looked[],
  { engine, lost, options, answers, limit }: Surveying,
): Promise<readonly Looked[]> {
  const found = new Map<Step, Look>();
  const failed = new Map<string, unknown>();
  const { signal } = engine.ctx;
  await hostByHost(items, limit, async (own, host) => {
    signal.throwIfAborted();
    if (lost.why(host)) return;
    const looks = own.map(({ step }) => look(step, { ...engine, ctx: answers.reader() }, options));
    const ends = await Promise.allSettled(looks);
    signal.throwIfAborted();
    for (const [at, { step }] of own.entries()) {
      const end = ends[at];
      if (end?.status === 'fulfilled') found.set(step, end.value);
      else if (!failed.has(host)) failed.set(host, end?.reason);
    }
    const failure = failed.get(host);
    if (isUnreachable(failure)) lost.note(host, failure);
  });
  return items.map((item) => {
    const seen = found.get(item.step);
    return seen
      ? { ...item, found: seen }
      : { ...item, failure: lost.why(item.step.host) ?? failed.get(item.step.host) };
  });
}
