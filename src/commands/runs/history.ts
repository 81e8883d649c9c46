import { CpaasError } from '../../core/errors.ts';
import type { RunRecord } from '../../core/journal.ts';
import type { Engine } from '../../engine/engine.ts';
import type { RunHistoryDocument } from '../../ui/screens/run.ts';

/** A run by its name, or the last one. Rejects with `ROLLBACK.NO_RUN`. */
export function runNamed(runs: readonly RunRecord[], name: string | undefined): RunRecord {
  const found = name === undefined ? runs.at(-1) : runs.find(({ run }) => run === name);
  if (found) return found;
  const what = name === undefined ? 'no run has changed anything yet' : `there is no run ${name} that changed anything`;
  throw new CpaasError('ROLLBACK.NO_RUN', what, { next: [{ label: 'lists them', command: 'cpaas runs' }] });
}

/** Every change of a run, place by place, with what was found and what it was made. */
export function historyOf(cluster: string, run: RunRecord, { revive, ctx }: Engine): RunHistoryDocument {
  const { places, changes, ...rest } = run;
  return {
    cluster,
    ...rest,
    places: places.map((place) => ({
      step: place.step,
      title: revive(place).title,
      host: ctx.host(place.host).name,
      changes: changes
        .filter(({ step }) => step === place.step)
        .map(({ key, from, to, settled }) => ({
          key,
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
          settled,
        })),
    })),
  };
}
