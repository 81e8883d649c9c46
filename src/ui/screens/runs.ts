import type { RunRecord } from '../../core/journal.ts';
import { table } from '../text/columns.ts';
import { duration } from '../text/duration.ts';
import { type Renderer, renderer, type View } from '../text/renderer.ts';

/** What `cpaas runs` says of one run. */
export type RunSummary = Omit<RunRecord, 'changes' | 'places'> & {
  /** How many elements it changed. */
  readonly changes: number;
};

export interface RunsDocument {
  readonly cluster: string;
  readonly runs: readonly RunSummary[];
}

/** Runs that changed something, the newest first: by their order, not by their clocks. */
export const runsText: Renderer<RunsDocument> = renderer(({ cluster, runs }, view) => {
  if (runs.length === 0) return [`No run has changed anything for ${cluster}.`];
  const rows = runs.toReversed().map((run) => {
    const seconds = took(run);
    return [
      run.run,
      moment(run.started),
      run.command + (run.undoes === undefined ? '' : ` of ${run.undoes}`),
      outcomeOf(run, view),
      seconds === undefined ? '' : duration(seconds),
      `${run.changes}`,
      `${run.user}@${run.machine}`,
    ];
  });
  const whole = table(['RUN', 'STARTED', 'COMMAND', 'OUTCOME', 'TOOK', 'CHANGES', 'BY'], rows, view);
  if (whole.length === rows.length + 1) return whole;
  // where it is too wide: the name of a run is when it started
  const brief = rows.map(([run = '', _started, ...rest]) => [run, ...rest]);
  return table(['RUN (UTC)', 'COMMAND', 'OUTCOME', 'TOOK', 'CHANGES', 'BY'], brief, view);
});

/** ISO 8601 without the T and the fractions. */
export const moment = (time: string): string =>
  time
    .replace('T', ' ')
    .replace(/(\.\d+)?Z$/, 'Z')
    .replace(/:\d\dZ$/, 'Z');

/** Seconds that a run took. Nothing where it was cut off, or its clock put back meanwhile. */
export function took({
  started,
  ended,
  seconds,
}: Pick<RunRecord, 'started' | 'ended' | 'seconds'>): number | undefined {
  if (seconds !== undefined || ended === undefined) return seconds;
  const between = (Date.parse(ended) - Date.parse(started)) / 1000;
  return between >= 0 ? between : undefined;
}

export function outcomeOf({ outcome }: Pick<RunRecord, 'outcome'>, { style }: View): string {
  if (outcome === undefined) return style.wrong('cut off');
  return outcome === 'applied' || outcome === 'unchanged' ? style.done(outcome) : style.wrong(outcome);
}
