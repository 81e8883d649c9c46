import type { Holding } from '../core/journal.ts';
import { change, type Progress } from './change.ts';
import { closeHost } from './close.ts';
import { type Engine, named } from './engine.ts';
import { eachHost, type Lost } from './schedule.ts';
import type { Looked } from './survey.ts';

/**
 * Puts back what is no longer wanted: the phases backwards, in each the steps of a host backwards, so that a neighbor goes before
 * its node. No failure stops the rest; all of them are told.
 */
export async function putBack(
  unwanted: readonly Looked[],
  inside: readonly Holding[],
  engine: Engine,
  lost: Lost,
  progress: Progress,
): Promise<void> {
  const failures: unknown[] = [];
  const ranks = [...new Set(unwanted.map(({ stage }) => stage.rank))].sort((one, other) => other - one);
  for (const rank of ranks) {
    const items = unwanted.filter(({ stage }) => stage.rank === rank);
    const start = engine.clock();
    const phase = items[0]?.stage.name ?? '';
    const steps = items.map(({ step, stage }) => named(engine, step, stage));
    engine.emit({ type: 'phase.start', phase, by: items[0]?.stage.by ?? 'phase', steps });
    await eachHost(
      items,
      lost,
      engine.parallel,
      // looked at anew: what went before it may have changed the place
      ({ step, stage }) => change({ step, stage }, (cause) => cause === 'unwanted', engine, progress),
      (own) => closeHost(own, engine, progress),
    ).catch((error: unknown) => failures.push(error));
    engine.emit({ type: 'phase.end', phase, seconds: engine.clock() - start });
    engine.ctx.signal.throwIfAborted();
  }
  for (const holding of inside) releaseInside(holding, engine);
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, 'not everything could be put back');
}

/** What stood in something that is gone needs no undoing. Where the container is still ours, its removal has failed: nothing is gone. */
function releaseInside(holding: Holding, engine: Engine): void {
  const { journal, emit } = engine;
  const { within } = holding;
  if (!within || journal.holding(within.step)?.elements.has(within.key)) return;
  const keys = [...holding.elements.keys()];
  journal.release(holding.step, keys);
  if (journal.holding(holding.step)) journal.closed(holding.step);
  const step = engine.revive(holding);
  const why = 'gone with what it stood in';
  emit({ type: 'step.released', keys, why, ...named(engine, step, { ...holding.phase }) });
}
