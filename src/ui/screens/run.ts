import type { RunRecord } from '../../core/journal.ts';
import { wrap } from '../text/columns.ts';
import { duration } from '../text/duration.ts';
import { type Renderer, renderer, type View } from '../text/renderer.ts';
import { moment, outcomeOf, took } from './runs.ts';

/** One change of one run: an absent value is absence in the world. */
export interface ShownChange {
  readonly key: string;
  readonly from?: unknown;
  readonly to?: unknown;
  /** Whether it was read back, then or later. */
  readonly settled: boolean;
}

export interface ShownPlace {
  readonly step: string;
  readonly title: string;
  readonly host: string;
  readonly changes: readonly ShownChange[];
}

/** What `cpaas runs show` says of one run. */
export type RunHistoryDocument = Omit<RunRecord, 'changes' | 'places'> & {
  readonly cluster: string;
  /** In the order in which they were come to. */
  readonly places: readonly ShownPlace[];
};

/** A run with every change of it: what was found, and what it was made. */
export const runText: Renderer<RunHistoryDocument> = renderer((run, view) => {
  const { style } = view;
  const seconds = took(run);
  const head = [
    ...[style.strong(run.run), run.command, outcomeOf(run, view), moment(run.started)],
    ...(seconds === undefined ? [] : [duration(seconds)]),
    `by ${run.user}@${run.machine}${run.version === undefined ? '' : `, cpaas ${run.version}`}`,
  ].join('  ');
  const undone = run.undoes === undefined ? [] : [`undid ${run.undoes}`];
  const places = run.places.flatMap((place) => ['', ...placeLines(place, view)]);
  return [head, ...undone, ...places];
});

function placeLines({ title, host, changes }: ShownPlace, view: View): readonly string[] {
  const { style, width } = view;
  return [
    `  ${style.strong(title)} on ${host}`,
    ...changes.flatMap((change) => {
      const [sign, text] = textOf(change);
      const open = change.settled ? '' : '   not read back';
      const [first = '', ...more] = wrap(text + open, width, 6);
      return [`  ${sign} ${first}`, ...more];
    }),
  ];
}

function textOf({ key, from, to }: ShownChange): readonly [sign: string, text: string] {
  if (from === undefined) return ['+', `${key}: ${shown(to)}`];
  if (to === undefined) return ['-', `${key}: ${shown(from)}`];
  return ['~', `${key}: ${shown(from)} → ${shown(to)}`];
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
