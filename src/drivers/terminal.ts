/** Escape sequences (CSI, OSC, two-character ones) and control characters that show nothing. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it removes
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-Z\\-_=>78]|[\u0000\u0007\u000e\u000f]/g;

/** What a program sent to a terminal, without what a terminal does not show. Carriage returns and backspaces stay. */
export const visible = (raw: string): string => raw.replaceAll(INVISIBLE, '');

/** The lines as they stand on the screen in the end: what was overwritten is gone. Spaces at their ends are not kept. */
export const screen = (raw: string): readonly string[] =>
  raw.split('\n').map((line) => (/[\r\b]/.test(line) ? overwritten(line) : line).trimEnd());

/** The lines of what a device prints in columns, from its first column on: pages show it moved to the right. */
export function columns(raw: string): readonly string[] {
  const rows = screen(visible(raw));
  const margin = rows.reduce(
    (least, row) => (row === '' ? least : Math.min(least, row.length - row.trimStart().length)),
    Number.POSITIVE_INFINITY,
  );
  return rows.map((row) => row.slice(margin));
}

function overwritten(line: string): string {
  const cells: string[] = [];
  let column = 0;
  for (const char of line) {
    if (char === '\r') column = 0;
    else if (char === '\b') column = Math.max(0, column - 1);
    else cells[column++] = char;
  }
  return cells.join('');
}

/**
 * What follows the echo of a typed line. The echo may be broken anywhere where the terminal was too narrow for it, and may have the
 * prompt before it once more. Everything, when no echo is there.
 */
export function afterEcho(raw: string, typed: string): string {
  const wanted = squeezed(typed);
  const mostRows = 2 + Math.ceil(typed.length / 20);
  let end = -1;
  for (let row = 0; row < mostRows; row++) {
    end = raw.indexOf('\n', end + 1);
    if (end < 0) break;
    if (squeezed(raw.slice(0, end)).endsWith(wanted)) return raw.slice(end + 1);
  }
  return raw;
}

const squeezed = (text: string): string => text.replaceAll(/[\s\b]/g, '');
