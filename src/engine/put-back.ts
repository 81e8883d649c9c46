import { isUnreachable } from '../core/errors.ts';
import type { Holding } from '../core/journal.ts';
import { change, giveUp } from './change.ts';
import { closeHost } from './close.ts';
import { byTurn, type Engine, named } from './engine.ts';
import type { Looked } from './looked.ts';
import type { LostHosts } from './lost-hosts.ts';
import type { RunState } from './run-state.ts';
import { eachHost, throwFailures } from './schedule.ts';

/**
 * Puts back what is no longer wanted: the phases backwards, in each the steps of a host backwards, so that a neighbor goes before
 * its node. No failure stops the rest, on its own host neither; all of them are told. Returns whether something was released that
 * stood in what is gone.
 */
export async function putBack(
  unwanted: readonly Looked[],
  inside: readonly Holding[],
  engine: Engine,
  lost: LostHosts,
  state: RunState,
): Promise<boolean> {
  const failures: unknown[] = [];
  const failed = new Set<Looked>();
  for (const { step } of unwanted) if (step.want.size === 0) state.going.add(step.id);
  const { signal } = engine.ctx;
  const ranks = [...new Set(unwanted.map(({ stage }) => stage.rank))].sort((one, other) => other - one);
  for (const rank of ranks) {
    const items = unwanted
      .filter(({ stage }) => stage.rank === rank)
      .sort((one, other) => byTurn(other.stage, one.stage));
    const start = engine.clock();
    const phase = items[0]?.stage.name ?? '';
    const steps = items.map(({ step, stage }) => named(engine, step, stage));
    engine.emit({ type: 'phase.start', phase, by: items[0]?.stage.by ?? 'phase', steps });
    await eachHost(
      items,
      lost,
      engine.parallel,
      async (item) => {
        const { step, stage } = item;
        try {
          // looked at anew: what went before it may have changed the place
          await change({ step, stage }, (cause) => cause === 'unwanted', engine, state);
        } catch (error) {
          if (isUnreachable(error) || signal.aborted) throw error;
          failed.add(item);
          failures.push(error);
        }
      },
      (own) =>
        closeHost(
          own.filter((item) => !failed.has(item)),
          engine,
          state,
        ),
    ).catch((error: unknown) => failures.push(error));
    engine.emit({ type: 'phase.end', phase, seconds: engine.clock() - start });
    if (signal.aborted) throwFailures(failures, 'places were not put back');
    signal.throwIfAborted();
  }
  const released = inside.filter((holding) => releaseInside(holding, engine));
  throwFailures(failures, 'places were not put back');
  return released.length > 0;
}

/**
 * What stood in something that is gone needs no undoing. Where the container is still ours, its removal has failed and nothing is gone;
 * unless it is another one by now.
 */
function releaseInside(holding: Holding, engine: Engine): boolean {
  const { journal, emit, instances } = engine;
  const { within } = holding;
  if (!within) return false;
  if (journal.holding(within.step)?.elements.has(within.key) && !instances.wasElsewhere(holding)) return false;
  const keys = giveUp(holding, engine);
  const step = engine.revive(holding);
  const why = 'gone with what it stood in';
  emit({ type: 'step.released', keys, why, ...named(engine, step, { ...holding.phase }) });
  return true;
}
