/** `show … | include RE`, `| exclude RE`, `| begin RE`, their names shortened at will. */
const FILTERS = ['include', 'exclude', 'begin'] as const;
type FilterName = (typeof FILTERS)[number];

export interface Piped {
  readonly command: string;
  readonly filter?: { readonly name: FilterName; readonly pattern: string };
}

/** Splits a line at its pipe. A filter that nobody knows leaves the line whole, and the grammar refuses it at the bar. */
export function piped(line: string): Piped {
  const found = /^(.*?)\s*\|\s*(\S+)\s+(.+?)\s*$/.exec(line);
  const name = FILTERS.find((each) => found?.[2] !== undefined && each.startsWith(found[2]));
  if (found?.[1] === undefined || found[3] === undefined || name === undefined) return { command: line };
  return { command: found[1], filter: { name, pattern: found[3] } };
}

export function filtered(text: string, filter: Piped['filter']): string {
  if (filter === undefined) return text;
  const matches = matcher(filter.pattern);
  const lines = text.replace(/\n$/, '').split('\n');
  switch (filter.name) {
    case 'include':
      return joined(lines.filter(matches));
    case 'exclude':
      return joined(lines.filter((line) => !matches(line)));
    case 'begin': {
      const first = lines.findIndex(matches);
      // What `more +/RE` says: the real one's output begins the same way.
      return first < 0 ? 'Pattern not found\n' : `...skipping\n${joined(lines.slice(first))}`;
    }
  }
}

function matcher(pattern: string): (line: string) => boolean {
  try {
    const regex = new RegExp(pattern);
    return (line) => regex.test(line);
  } catch {
    return (line) => line.includes(pattern);
  }
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
