import pLimit from 'p-limit';
import { isUnreachable } from '../core/errors.ts';
import { grouped } from '../core/grouped.ts';
import type { Engine } from './engine.ts';
import type { Looked, SurveyedPhase } from './looked.ts';
import type { Only } from './only.ts';
import { throwFailures } from './schedule.ts';

/**
 * Brings whatever a run will need from elsewhere, before its first change: a mirror that is gone, a digest that is wrong and a disk that
 * is full are no reason to stop halfway. Of a phase that cannot be known yet it brings what such a phase may need.
 */
export async function fetchAhead(phases: readonly SurveyedPhase[], only: Only, engine: Engine): Promise<void> {
  if (!phases.some(({ looked }) => looked.some((item) => only.item(item) && dueAt(item).length > 0))) return;
  for (const { phase, deferred, looked } of phases) {
    if (deferred !== undefined && only.phase(phase)) await phase.fetch(engine.ctx);
    await fetchAll(looked.filter(only.item), engine);
  }
}

/**
 * Hosts in parallel, the steps of one in order. After a failure nothing more is begun: what one host waits for in vain, most others would,
 * too. What fails for several of them at once is told once.
 */
async function fetchAll(items: readonly Looked[], engine: Engine): Promise<void> {
  const limit = pLimit(engine.parallel);
  const failures = new Set<unknown>();
  const fetchOn = async (own: readonly Looked[]): Promise<void> => {
    for (const item of own)
      if (failures.size === 0) await fetchFor(item, engine).catch((error: unknown) => failures.add(error));
  };
  await Promise.all([...grouped(items, ({ step }) => step.host).values()].map((own) => limit(fetchOn, own)));
  engine.ctx.signal.throwIfAborted();
  throwFailures([...failures], 'fetches failed');
}

/** A host that has gone meanwhile is told where something is changed on it. */
async function fetchFor(item: Looked, { ctx }: Engine): Promise<void> {
  const due = dueAt(item);
  try {
    if (due.length > 0) await item.step.fetch(ctx, due);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
  }
}

const dueAt = ({ found }: Looked) =>
  found?.changes.filter(({ cause, adopted }) => cause !== 'unwanted' && !adopted) ?? [];
