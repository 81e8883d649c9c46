import { isUnreachable } from '../core/errors.ts';
import type { Engine } from './engine.ts';
import type { Looked, SurveyedPhase } from './looked.ts';
import type { Only } from './only.ts';

/**
 * Brings whatever a run will need from elsewhere, before its first change: a mirror that is gone, a digest that is wrong and a disk that
 * is full are no reason to stop halfway. Of a phase that cannot be known yet it brings what such a phase may need.
 */
export async function fetchAhead(phases: readonly SurveyedPhase[], only: Only, engine: Engine): Promise<void> {
  if (!phases.some(({ looked }) => looked.some((item) => only.item(item) && dueAt(item).length > 0))) return;
  for (const { phase, deferred, looked } of phases) {
    if (deferred !== undefined && only.phase(phase)) await phase.fetch(engine.ctx);
    for (const item of looked.filter(only.item)) await fetchFor(item, engine);
  }
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
