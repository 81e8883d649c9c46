import { stripVTControlCharacters } from 'node:util';
import type { Screen } from '../../../src/ui/text/environment.ts';

/** A stream that remembers what was written to it; a terminal when it has columns. */
export function memoryStream(columns?: number) {
  let written = '';
  const write = (text: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    written += String(text);
    const done = rest.at(-1);
    if (typeof done === 'function') queueMicrotask(() => done());
    return true;
  };
  const terminal = columns === undefined ? {} : { isTTY: true, columns, rows: 24 };
  const listeners = { on: () => {}, listeners: () => [] };
  const stream = { write, ...listeners, ...terminal } as unknown as Screen;
  return {
    stream,
    written: () => written,
    lines: () => stripVTControlCharacters(written).split('\n').slice(0, -1),
    /** What a terminal would show now: of the sequences, those are obeyed that erase lines and go up. */
    screen: () => replay(written),
  };
}

/** Enough of a terminal for what log-update and `watch` send: erase the line, go up, to the left, erase below. */
function replay(text: string): readonly string[] {
  const rows: string[] = [''];
  let row = 0;
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is read here.
  for (const [piece] of text.matchAll(/\u001b\[[\d;?]*[A-Za-z]|\n|\r|[^\u001b\n\r]+/g)) {
    const up = /^.\[(\d*)A$/.exec(piece);
    if (piece === '\n') {
      row++;
      column = 0;
      rows[row] ??= '';
    } else if (piece === '\r' || piece === '\u001b[G') column = 0;
    else if (up) row = Math.max(0, row - Number(up[1] || 1));
    else if (piece === '\u001b[2K') rows[row] = '';
    else if (piece === '\u001b[J') rows.splice(row, rows.length, '');
    else if (!piece.startsWith('\u001b')) {
      rows[row] = (rows[row] ?? '').slice(0, column).padEnd(column) + piece;
      column += piece.length;
    }
  }
  return rows.map((line) => line.trimEnd()).filter((line) => line !== '');
}
