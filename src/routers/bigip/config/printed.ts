import { screen, visible } from '../../../drivers/terminal.ts';

/** What a text holds of a configuration. */
export interface Printed {
  /** Its lines, without those that say nothing; blocks begin at the first column, what stands in them is indented. */
  readonly rows: readonly string[];
  /** Whether it ends with `end`: what does not was cut off, or is something else. */
  readonly whole: boolean;
}

/**
 * Takes a configuration out of any text that has it: as a device prints it, as a terminal was given it, between prompts, under a banner,
 * and as pages show it, moved to the right or with all of its lines at the left.
 */
export function printed(text: string): Printed {
  const shown = screen(visible(text)).filter((row) => row.trim() !== '' && !BESIDE.test(row.trim()));
  const own = shown.slice(bannerOf(shown));
  const end = own.findIndex((row) => row.trim() === 'end');
  const rows = end < 0 ? own : own.slice(0, end);
  const margin = rows.reduce((least, row) => Math.min(least, indentOf(row)), Number.POSITIVE_INFINITY);
  return { rows: indented(rows.map((row) => row.slice(margin))), whole: end >= 0 };
}

/** What is no line of it: a header, which vtysh prints and ZebOS does not, and what a conversation or a pager has left there. */
const BESIDE =
  /^(Building configuration\.\.\.|Current configuration:.*|[\w.-]+( ?\([^()]+\)| ?\[[^\][]+\])*\[\d+\](\[[^\][]+\])?(\([\w-]+\))?[>#].*|\[?[\w.-]+@.*[#$%>].*|-{2,} ?more ?-{2,})$/i;

/** How many rows before the first `!` are somebody's words at the login: a configuration begins with it, unless a person has typed it. */
function bannerOf(rows: readonly string[]): number {
  const first = rows.findIndex((row) => row.trim() === '!');
  return rows.slice(0, Math.max(first, 0)).some((row) => BEGINS.test(row.trim())) ? 0 : Math.max(first, 0);
}
const BEGINS =
  /^(router \w+|interface [\w./-]+$|route-map \S+ (permit|deny) |ip(v6)? (prefix-list|route|vrf|community-list|as-path) |access-list |bgp )/;

const indentOf = (row: string): number => row.length - row.trimStart().length;

/** Which lines stand in a block, by how it begins; asked only where nothing is indented. */
const INSIDE: readonly (readonly [header: RegExp, inside: RegExp])[] = [
  [
    /^router bgp /,
    /^(?!bgp extended-asn-cap)(no )?(neighbor|bgp|network|aggregate-address|redistribute|timers|max-paths|distance|address-family|exit-address-family)\b/,
  ],
  [/^route-map /, /^(match|set|description) /],
  [/^line (con|vty) /, /^login$/],
];

/** Some pages lose all blanks at the left. */
function indented(rows: readonly string[]): readonly string[] {
  if (rows.some((row) => indentOf(row) > 0)) return rows;
  let inside: RegExp | undefined;
  return rows.map((row) => {
    if (row === '!') return row;
    if (inside?.test(row)) return ` ${row}`;
    inside = INSIDE.find(([header]) => header.test(row))?.[1];
    return row;
  });
}
