/** A word of a tmsh command, one of its braces, or a semicolon; `quoted` keeps a quoted one from being such. */
export interface TmshWord {
  readonly text: string;
  readonly quoted: boolean;
}

/** Splits a command line as tmsh does: blanks, quotes, backslashes, and braces and semicolons that stand for themselves. */
export function tmshWords(line: string): readonly TmshWord[] {
  const pieces = line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([{};])|((?:[^\s"'{};\\]|\\.)+)/g);
  return [...pieces].map(([, double, single, brace, plain]) => ({
    text: single ?? brace ?? (double ?? plain ?? '').replace(/\\(.)/g, '$1'),
    quoted: double !== undefined || single !== undefined,
  }));
}

/** The commands of a line, which semicolons stand between. */
export function commandsOf(words: readonly TmshWord[]): readonly (readonly TmshWord[])[] {
  const end = words.findIndex((word) => word.text === ';' && !word.quoted);
  const [first, rest] = end < 0 ? [words, []] : [words.slice(0, end), words.slice(end + 1)];
  return [...(first.length === 0 ? [] : [first]), ...(rest.length === 0 ? [] : commandsOf(rest))];
}

/** `property value` as it was given: `allow-service add { tcp:179 }`. */
export interface Assignment {
  readonly property: string;
  readonly how: 'set' | 'add' | 'delete' | 'replace-all-with';
  readonly value: string | readonly string[];
}

const HOW = ['add', 'delete', 'replace-all-with'] as const;

/** Reads assignments, or says which word is one too many. */
export function assignments(words: readonly TmshWord[]): readonly Assignment[] | { readonly unexpected: string } {
  const all: Assignment[] = [];
  let rest = words;
  while (rest.length > 0) {
    const [property, ...after] = rest;
    const how = HOW.find((each) => each === after[0]?.text);
    const [value, left] = readValue(how === undefined ? after : after.slice(1));
    if (property === undefined || isBrace(property) || value === undefined) return { unexpected: rest[0]?.text ?? '' };
    if (how !== undefined && typeof value === 'string') return { unexpected: value };
    all.push({ property: property.text, how: how ?? 'set', value });
    rest = left;
  }
  return all;
}

function readValue(words: readonly TmshWord[]): readonly [string | readonly string[] | undefined, readonly TmshWord[]] {
  const [first, ...rest] = words;
  if (first === undefined) return [undefined, []];
  if (!isBrace(first)) return [first.text, rest];
  const end = rest.findIndex((word) => word.text === '}' && !word.quoted);
  if (first.text !== '{' || end < 0) return [undefined, words];
  return [rest.slice(0, end).map((word) => word.text), rest.slice(end + 1)];
}

function isBrace(word: TmshWord): boolean {
  return !word.quoted && (word.text === '{' || word.text === '}');
}
