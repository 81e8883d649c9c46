import { isDeepStrictEqual as same } from 'node:util';
import { CpaasError } from '../core/errors.ts';
import type { HeldPlace, Journal, RunChange, RunRecord } from '../core/journal.ts';
import { type Phase, type Plan, phase } from '../core/plan.ts';
import type { Step } from '../core/step.ts';
import { lostContainers } from './containers.ts';
import { byTurn, type Engine } from './engine.ts';

/**
 * The run to undo: the one named, or the last that still stands: it undid nothing and was not undone. Where an undoing was cut off, that is
 * the run that it was about. Rejects with `ROLLBACK.NO_RUN` when there is none.
 */
export function chooseRun(journal: Journal, id: string | undefined): RunRecord {
  const runs = journal.runs();
  const candidates =
    id === undefined
      ? standing(runs).filter(({ undoes }) => undoes === undefined)
      : runs.filter(({ run }) => run === id);
  const chosen = candidates.filter(({ changes }) => changes.length > 0).at(-1);
  if (chosen) return chosen;
  const what =
    id === undefined ? 'no run that changed anything still stands' : `there is no run ${id} that changed anything`;
  throw new CpaasError('ROLLBACK.NO_RUN', what, { next: [{ label: 'lists them', command: 'cpaas runs' }] });
}

/** Runs without those that were undone, and without the undoing, with what of it had been cut off before. */
function standing(runs: readonly RunRecord[]): readonly RunRecord[] {
  const undone = new Set(
    runs.flatMap(({ undoes, outcome }) => (undoes !== undefined && isWhole(outcome) ? [undoes] : [])),
  );
  return runs.filter(({ run, undoes }) => !undone.has(run) && (undoes === undefined || !undone.has(undoes)));
}

const isWhole = (outcome: RunRecord['outcome']): boolean => outcome === 'applied' || outcome === 'unchanged';

/**
 * The plan that undoes one run: every element that it changed is wanted as the run found it, everything else of ours as it is. What
 * stood in something that is gone is left out.
 * Rejects with `ROLLBACK.BUILT_ON` when a later run changed one of these elements again, and says which.
 */
export async function planOfUndoing(run: RunRecord, name: string, engine: Engine): Promise<Plan> {
  const later = builtOn(run, engine);
  if (later.length > 0)
    throw new CpaasError('ROLLBACK.BUILT_ON', `later runs built on ${run.run}: ${later.join(', ')}`, {
      next: later.reverse().map((id) => ({ label: 'undoes that one first', command: `cpaas rollback ${id}` })),
    });
  const isLost = await lostContainers(run, engine);
  // a down has gone through them backwards
  const steps = run.places
    .filter((place) => !isLost(place))
    .toSorted((one, other) => byTurn(one.phase, other.phase))
    .map((place) => ({ place, step: asBefore(place, run, engine) }));
  const ranks = [...new Set(steps.map(({ place }) => place.phase.rank))].sort((one, other) => one - other);
  const phases = ranks.map((rank): Phase => {
    const own = steps.filter(({ place }) => place.phase.rank === rank);
    return phase(
      own[0]?.place.phase.name ?? '',
      rank,
      own.map(({ step }) => step),
      { turns: own.map(({ place }) => place.phase.turn) },
    );
  });
  return { name, phases };
}

/**
 * What to say of a run that wrote passwords anew: no journal holds one, so the old ones cannot be put back, whatever else of the run is
 * undone. Nothing where there were none.
 */
export function notPutBack(run: RunRecord, { ctx, journal, revive }: Engine): CpaasError | undefined {
  const evidence = run.places.flatMap((place) => {
    const renewed = run.changes.filter(({ step }) => step === place.step).filter(isRenewal(revive(place)));
    return [...new Set(renewed.map(({ key }) => key))].map((text) => ({ label: ctx.host(place.host).name, text }));
  });
  if (evidence.length === 0) return undefined;
  const earlier = standing(journal.runs()).filter(({ undoes, changes }) => undoes === undefined && changes.length > 0);
  const before = earlier[earlier.findIndex((each) => each.run === run.run) - 1]?.run;
  return new CpaasError(
    'ROLLBACK.PASSWORD',
    `${run.run} wrote passwords anew, and the old ones cannot be put back: cpaas keeps none`,
    {
      evidence,
      next: [
        {
          label: "writes the old one at both ends, once it is where the file's reference leads",
          command: 'cpaas bgp peer --renew-passwords',
        },
        ...(before === undefined ? [] : [{ label: 'undoes the run before it', command: `cpaas rollback ${before}` }]),
      ],
    },
  );
}

/** Whether a change wrote something again of which only the presence can be seen. */
const isRenewal =
  ({ hidden }: Step) =>
  ({ key, from, to }: RunChange): boolean =>
    from !== undefined && same(from, to) && hidden?.(key) === true;

function builtOn(run: RunRecord, { journal, revive }: Engine): string[] {
  const touched = new Set(run.changes.map(({ step, key }) => `${step}\n${key}`));
  const steps = new Set(run.changes.map(({ step }) => step));
  const runs = journal.runs();
  const kept = standing(runs);
  // a run and its undoing cancel each other, unless it is one of the two that is to be undone
  const counted = kept.some((each) => each.run === run.run) ? kept : runs;
  // by name: the journal makes another record of a run when it ends
  return (
    counted
      .slice(counted.findIndex((each) => each.run === run.run) + 1)
      // an undoing of this run that was cut off has come a part of the way
      .filter(({ undoes }) => undoes !== run.run)
      .filter(({ changes, places }) => {
        // a place that has nothing to do with this run may be one that nobody understands any more
        const common = places.filter(({ step }) => steps.has(step));
        const renewals = new Map(common.map((place) => [place.step, isRenewal(revive(place))]));
        // a password that was written anew is there as it was before: nothing hangs on which one it is
        return changes.some(
          (change) => touched.has(`${change.step}\n${change.key}`) && !renewals.get(change.step)?.(change),
        );
      })
      .map((each) => each.run)
  );
}

/** A place where everything is wanted as it was before a run: the elements it changed as found, our others as we last meant them. */
function asBefore(place: HeldPlace, { changes }: RunRecord, { journal, revive }: Engine): Step {
  const owned = journal.holding(place.step)?.elements ?? new Map();
  const want = new Map([...owned].map(([key, { meant }]) => [key, meant]));
  for (const { key, from } of changes.filter(({ step }) => step === place.step).reverse()) {
    // wanting what was there before us would keep it in the journal for ever: not wanting it gives it back
    if (from === undefined || same(from, owned.get(key)?.before)) want.delete(key);
    else want.set(key, from);
  }
  for (const [key, meant] of want) if (meant === undefined) want.delete(key);
  return revive(place, want);
}
