import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { Style } from './style.ts';

const GAP = 2;

export const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - stringWidth(text)));

/** Widest of some texts, in columns of the terminal. */
export const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => stringWidth(text)));

/** A text without styles, cut to a width with `…`. */
export function clip(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** A line that may hold styles, cut to a width. */
export const clipStyled = (line: string, width: number): string =>
  stringWidth(line) <= width
    ? line
    : (wrapAnsi(line, width, { hard: true, wordWrap: false, trim: false }).split('\n')[0] ?? '');

/** A text as lines of at most `width`; the later ones begin with `indent` spaces. Words longer than a line are broken. */
export function wrap(text: string, width: number, indent = 0): readonly string[] {
  const room = Math.max(20, width - indent);
  const lines = wrapAnsi(text, room, { hard: true }).split('\n');
  return lines.map((line, at) => (at === 0 ? line : ' '.repeat(indent) + line));
}

/** Left and right on one line, the right one at the margin; on two lines where they do not clip. */
export function spread(left: string, right: string, width: number): readonly string[] {
  if (!right) return [left];
  const free = width - stringWidth(left) - stringWidth(right);
  return free >= GAP ? [left + ' '.repeat(free) + right] : [left, `  ${right}`];
}

export interface TableOptions {
  readonly style: Style;
  readonly width: number;
  /** Spaces before each line. */
  readonly indent?: number;
}

/**
 * Columns without borders under a dim heading. A column is as wide as its widest cell; where all of them do not clip, the last one is
 * wrapped under itself.
 */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  { style, width, indent = 0 }: TableOptions,
): readonly string[] {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('\n', ' ')));
  const widths = heading.map((title, at) => widest([title, ...cells.map((row) => row[at] ?? '')]));
  const margin = ' '.repeat(indent);
  const before = indent + widths.slice(0, -1).reduce((sum, column) => sum + column + GAP, 0);
  const line = (row: readonly string[]): readonly string[] => {
    const front = row
      .slice(0, heading.length - 1)
      .map((cell, at) => pad(cell, (widths[at] ?? 0) + GAP))
      .join('');
    const last = row[heading.length - 1] ?? '';
    if (last === '') return [(margin + front).trimEnd()];
    if (width - before < 20 && before + stringWidth(last) > width)
      return [margin + front.trimEnd(), ...wrap(`${margin}  ${last}`, width, indent + 4)];
    return wrap(last, width - before).map((part, at) => (at === 0 ? margin + front + part : ' '.repeat(before) + part));
  };
  const top = margin + heading.map((title, at) => pad(title, (widths[at] ?? 0) + GAP)).join('');
  return [style.dim(top.trimEnd()), ...cells.flatMap(line)];
}
