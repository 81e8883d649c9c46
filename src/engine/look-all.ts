import pLimit, { type LimitFunction } from 'p-limit';
import { isUnreachable } from '../core/errors.ts';
import type { ReconcileOptions } from '../core/reconcile.ts';
import type { Step } from '../core/step.ts';
import type { Engine } from './engine.ts';
import { judge, type Sight, sight } from './look.ts';
import type { Looked } from './looked.ts';
import type { LostHosts } from './lost-hosts.ts';
import { hostByHost } from './schedule.ts';
import { SharedAnswers } from './shared-answers.ts';

/** What all looks of a survey have in common. */
export interface Surveying {
  readonly engine: Engine;
  readonly lost: LostHosts;
  readonly options: ReconcileOptions;
  readonly answers: SharedAnswers;
  /** So many hosts at a time. */
  readonly limit: LimitFunction;
}

export const surveying = (engine: Engine, lost: LostHosts, options: ReconcileOptions): Surveying => ({
  engine,
  lost,
  options,
  answers: new SharedAnswers(engine.ctx),
  limit: pLimit(engine.parallel),
});

/** What was read for each step, or why nothing could be. A host that was lost before is not asked. */
export type Sights = ReadonlyMap<Step, PromiseSettledResult<Sight>>;

/** Reads the places of steps, those of a host all at a time. Nothing follows from it yet. */
export async function sightAll(items: readonly Looked[], common: Surveying): Promise<Sights> {
  const { engine, lost, answers, limit } = common;
  const sights = new Map<Step, PromiseSettledResult<Sight>>();
  await hostByHost(items, limit, async (own, host) => {
    engine.ctx.signal.throwIfAborted();
    if (lost.why(host)) return;
    const ends = await Promise.allSettled(own.map(({ step }) => sight(step, { ...engine, ctx: answers.reader() })));
    engine.ctx.signal.throwIfAborted();
    for (const [at, { step }] of own.entries()) sights.set(step, ends[at] as PromiseSettledResult<Sight>);
  });
  return sights;
}

/** What follows from what was read. Of what fails on a host the first in the order of its steps is told. */
export function judgeAll(items: readonly Looked[], sights: Sights, common: Surveying): readonly Looked[] {
  const { engine, lost, options } = common;
  const failed = new Map<string, unknown>();
  for (const { step } of items) {
    const end = sights.get(step);
    if (end?.status === 'rejected' && !failed.has(step.host)) failed.set(step.host, end.reason);
  }
  for (const [host, failure] of failed) if (isUnreachable(failure)) lost.note(host, failure);
  return items.map((item) => {
    const { step } = item;
    const end = sights.get(step);
    return end?.status === 'fulfilled'
      ? { ...item, found: judge(step, end.value, engine, options) }
      : { ...item, failure: lost.why(step.host) ?? failed.get(step.host) };
  });
}

/** Looks at steps. */
export const lookAll = async (items: readonly Looked[], common: Surveying): Promise<readonly Looked[]> =>
  judgeAll(items, await sightAll(items, common), common);
