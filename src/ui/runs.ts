import type { RunRecord } from '../core/journal.ts';
import { table } from './columns.ts';
import { type Renderer, renderer, type View } from './renderer.ts';
import { count } from './words.ts';

/** What `cpaas runs` says of one run. */
export type RunSummary = Omit<RunRecord, 'changes' | 'places'> & {
  /** How many elements it changed. */
  readonly changes: number;
};

export interface RunsDocument {
  readonly cluster: string;
  readonly runs: readonly RunSummary[];
}

/** Runs that changed something, the newest first. */
export const runsText: Renderer<RunsDocument> = renderer(({ cluster, runs }, view) => {
  if (runs.length === 0) return [`No run has changed anything for ${cluster}.`];
  const newest = [...runs].sort((one, other) => (one.started < other.started ? 1 : -1));
  const rows = newest.map((run) => [
    run.run,
    moment(run.started),
    run.command,
    outcome(run, view),
    count(run.changes, 'change'),
    `${run.user}@${run.machine}`,
  ]);
  return table(['RUN', 'STARTED', 'COMMAND', 'OUTCOME', 'CHANGES', 'BY'], rows, view);
});

/** ISO 8601 without the T and the fractions. */
const moment = (time: string): string =>
  time
    .replace('T', ' ')
    .replace(/(\.\d+)?Z$/, 'Z')
    .replace(/:\d\dZ$/, 'Z');

function outcome({ outcome }: RunSummary, { style }: View): string {
  if (outcome === undefined) return style.wrong('cut off');
  return outcome === 'applied' || outcome === 'unchanged' ? style.done(outcome) : style.wrong(outcome);
}
