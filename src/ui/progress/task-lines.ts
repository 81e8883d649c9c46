import stringWidth from 'string-width';
import { alike, several } from '../text/alike.ts';
import { clip, pad, wrap } from '../text/columns.ts';
import { duration } from '../text/duration.ts';
import { oneLine } from '../text/harmless.ts';
import type { View } from '../text/renderer.ts';
import type { PhaseProgress, Row } from './progress.ts';

const NAME = 16;
/** On a terminal of less than `NARROW` columns. */
const SHORT_NAME = 11;
const NARROW = 72;
const MARGIN = 2;

/** A row while its phase runs, without its sign: the name, and what is happening now or was done. */
export function liveLine({ name, doing, detail, state, applied, failed }: Row, { style, width }: View): string {
  const shown = nameColumn(name, width);
  // listr2 takes the sign of a row that has ended for two columns, and wraps what is one too long
  const sign = state === 'ended' ? MARGIN + 1 : MARGIN;
  const room = Math.max(10, width - stringWidth(shown) - sign);
  const ended = failed[0]?.message ?? (applied.join(', ') || 'already so');
  const text = oneLine(state === 'ended' ? ended : doing);
  // what protects the user meanwhile stands at the end: rather than that, the title goes
  const fitting = state !== 'ended' && detail !== undefined && stringWidth(text) > room ? oneLine(detail) : text;
  return style.encode(shown + clip(fitting, room));
}

/** Rows that a screen has room for while they run. */
const ROOM = 12;

/** What is worth a line of its own while many hosts are worked on: those at work, as many as there is room for, and what failed. */
function worthALine({ rows }: PhaseProgress): readonly Row[] {
  const all = [...rows.values()];
  if (all.length <= ROOM) return all;
  const failed = all.filter((row) => row.failed.length > 0);
  return [...failed, ...all.filter((row) => row.state === 'running' && row.failed.length === 0)].slice(0, ROOM);
}

export const isShown = (progress: PhaseProgress, row: Row): boolean => worthALine(progress).includes(row);

/** How far the others are; nothing where each has its line. */
export function restLine(progress: PhaseProgress, { style, width }: View): string | undefined {
  const all = [...progress.rows.values()];
  if (all.length <= ROOM) return undefined;
  const ended = all.filter(({ state }) => state === 'ended').length;
  return style.encode(style.dim(`${nameColumn(progress.phase, width)}${ended} of ${all.length} hosts are done`));
}

/** The lines of a phase that stay on the screen. Nothing for what was already so. */
export function endedLines({ rows }: PhaseProgress, view: View): readonly string[] {
  const groups = alike([...rows.values()], ({ name, applied, remarks, failed, state }) =>
    failed.length > 0 ? name : JSON.stringify([applied, remarks, state]).replaceAll(name, '…'),
  );
  return groups.flatMap((group) => rowLines(together(group), view)).map(view.style.encode);
}

/** One row for all that ended alike; the slowest tells how long it took. */
function together(group: readonly Row[]): Row {
  const [first, ...others] = group as readonly [Row, ...Row[]];
  if (others.length === 0) return first;
  const nameless = (texts: readonly string[]) => texts.map((text) => text.replaceAll(first.name, '…'));
  return {
    ...first,
    name: several(group.map(({ name }) => name)),
    applied: nameless(first.applied),
    remarks: nameless(first.remarks),
    seconds: Math.max(...group.map(({ seconds }) => seconds)),
  };
}

function rowLines({ name, applied, remarks, failed, state, seconds }: Row, view: View): readonly string[] {
  const { style, width } = view;
  const shown = nameColumn(name, width);
  const indent = stringWidth(shown) + MARGIN;
  const under = (text: string) =>
    wrap(oneLine(text), width, indent).map((line, at) => (at === 0 ? ' '.repeat(indent) + line : line));
  const notes = remarks.flatMap(under).map(style.dim);
  if (failed.length > 0) {
    const [first = '', ...more] = failed.flatMap(({ code, message }) =>
      wrap([code, oneLine(message)].filter(Boolean).join(' '), width, indent),
    );
    return [`${style.wrong('✖')} ${shown}${first}`, ...more, ...done(applied).flatMap(under).map(style.dim), ...notes];
  }
  if (applied.length === 0 && remarks.length === 0) return [];
  const time = duration(seconds);
  const room = Math.max(10, Math.min(width, 100) - indent - time.length - 2);
  const summary = pad(clip(oneLine(applied.join(', ')), room), room);
  const sign = state === 'ended' ? style.done('✔') : style.change('-');
  return [`${sign} ${shown}${summary}  ${style.dim(time)}`, ...notes];
}

const done = (applied: readonly string[]): readonly string[] =>
  applied.length > 0 ? [`done before: ${applied.join(', ')}`] : [];

const nameColumn = (name: string, width: number): string =>
  `${pad(oneLine(name), width < NARROW ? SHORT_NAME : NAME)}  `;
