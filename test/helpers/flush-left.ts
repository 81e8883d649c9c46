/** Which lines stand in a block, by how it begins. */
const INSIDE: readonly (readonly [header: RegExp, inside: RegExp])[] = [
  [/^router bgp /, /^(no )?(neighbor|bgp|network|address-family|exit-address-family)\b/],
  [/^route-map /, /^match /],
  [/^line (con|vty) /, /^login$/],
];

/** A configuration that a page shows without any indentation, as the device had printed it. */
export function indented(text: string): string {
  let inside: RegExp | undefined;
  return text
    .split('\n')
    .map((row) => {
      if (row === '!') return row;
      if (inside?.test(row)) return ` ${row}`;
      inside = INSIDE.find(([header]) => header.test(row))?.[1];
      return row;
    })
    .join('\n');
}
