import type { Facts } from '../core/facts.ts';
import type { Plan } from '../core/plan.ts';
import type { Engine } from './engine.ts';
import type { Only } from './only.ts';
import { wasDone } from './survey.ts';

/**
 * Gates of phases that were gone through once are most likely open: what they go by is asked beside the survey. If something is changed
 * meanwhile, that is forgotten, and they ask again. Resolves when nothing is asked any more.
 */
export async function askAhead({ phases }: Plan, only: Only, facts: Facts, engine: Engine): Promise<void> {
  const asked = phases.filter((phase) => only.phase(phase) && wasDone(phase, engine));
  // what is wrong with an answer is told at the gate
  await Promise.allSettled(asked.flatMap(({ until }) => until).map(async ({ ahead }) => ahead?.(facts)));
}
