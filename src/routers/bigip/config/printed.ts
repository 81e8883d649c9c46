import { screen, visible } from '../../../drivers/terminal.ts';

/** What a text holds of a configuration. */
export interface Printed {
  /** Its lines, without those that say nothing; blocks begin at the first column, what stands in them is indented. */
  readonly rows: readonly string[];
  /** Whether that is all of a configuration. What is not was cut off, has lost its indentation, or is something else. */
  readonly whole: boolean;
}

/**
 * Takes a configuration out of any text that has it: as a device prints it, as a terminal was given it, between prompts, under a banner,
 * and as pages show it, moved to the right. Its `end` stands in the column where it began, and nothing of a configuration stands after
 * that, or before its beginning: of two there is none that is surely in force. Where none is whole, the rows are all that look like one.
 */
export function printed(text: string): Printed {
  const rows = shown(text).filter((row) => !BESIDE.test(row.trim()));
  const last = rows.findLastIndex((row) => row.trim() === '!' || begins(row));
  for (let at = last + 1; at < rows.length; at++) {
    const found = rows[at]?.trim() === 'end' ? endingAt(rows, at) : undefined;
    if (found) return { rows: found, whole: true };
  }
  const own = dedented(rows);
  return { rows: own.slice(bannerOf(own)).filter((row) => row !== 'end'), whole: false };
}

/**
 * The lines of a file that daemons read, as far as its `end`, if it has one: nobody has put a banner before it, and each of its lines
 * counts. Whole where lines of routers stand in one.
 */
export function written(text: string): Printed {
  const rows = dedented(shown(text));
  const end = rows.indexOf('end');
  const own = end < 0 ? rows : rows.slice(0, end);
  return { rows: own, whole: !own.some(isAstray) };
}

const shown = (text: string): readonly string[] => screen(visible(text)).filter((row) => row.trim() !== '');

/** The configuration that ends at a row, if one does. */
function endingAt(rows: readonly string[], end: number): readonly string[] | undefined {
  const margin = indentOf(rows[end] ?? '');
  const before = rows.slice(0, end);
  // the `end` of a banner
  const outside = before.findLastIndex((row) => indentOf(row) < margin || row.slice(margin) === 'end') + 1;
  const block = before.slice(outside).map((row) => row.slice(margin));
  const own = block.slice(bannerOf(block));
  const isOne = own.some((row) => BEGINS.test(row)) && !own.some(isAstray);
  return isOne && !before.slice(0, outside).some(begins) ? own : undefined;
}

/** What is no line of it: a header, which vtysh prints and ZebOS does not, and what a conversation or a pager has left there. */
const BESIDE =
  /^(Building configuration\.\.\.|Current configuration:.*|[\w.-]+( ?\([^()]+\)| ?\[[^\][]+\])*\[\d+\](\[[^\][]+\])?(\([\w-]+\))?[>#].*|\[?[\w.-]+@.*[#$%>].*|-{2,} ?more ?-{2,})$/i;

/**
 * How many rows are somebody's words at the login. A configuration begins with `!`, unless a person has typed it, and units say next
 * whether passwords are encrypted: words may have a `!` as well.
 */
function bannerOf(rows: readonly string[]): number {
  const service = rows.findIndex((row) => SERVICE.test(row));
  const first = Math.max(service < 0 ? rows.indexOf('!') : rows.lastIndexOf('!', service), 0);
  return rows.slice(0, first).some((row) => BEGINS.test(row)) ? 0 : first;
}
const SERVICE = /^(no )?service password-encryption$/;
const BEGINS =
  /^(router \w+|interface [\w./-]+$|route-map \S+ (permit|deny) |ip(v6)? (prefix-list|route|vrf|community-list|as-path) |access-list |bgp |(no )?service password-encryption$|line (con|vty) \d)/;

const begins = (row: string): boolean => BEGINS.test(row.trim());

/** Lines of a router that stand in none: whose they are is not to be seen where a text has lost its indentation. */
const isAstray = (row: string): boolean => /^((no )?neighbor |(exit-)?address-family\b)/.test(row);

const indentOf = (row: string): number => row.length - row.trimStart().length;

function dedented(rows: readonly string[]): readonly string[] {
  const margin = rows.reduce((least, row) => Math.min(least, indentOf(row)), Number.POSITIVE_INFINITY);
  return rows.map((row) => row.slice(margin));
}
