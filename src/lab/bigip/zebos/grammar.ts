/**
 * Commands of a mode, as forms, and how a line that somebody typed is matched against them. A form is words and arguments:
 *
 *     neighbor PEER prefix-list =WORD (in|out)
 *     bgp graceful-restart [restart-time =1..3600]
 *
 * Small letters are keywords, which may be shortened as long as one keyword is meant; capitals are kinds of arguments, `1..3600` a
 * number; `(a|b)` is a choice, `[…]` may be left out. `=` marks what is the value of the line and not part of what it is about:
 * a line that differs from another only there replaces it, and `no` may leave it out.
 */
export interface Token {
  readonly text: string;
  /** Column of its first character in the line. */
  readonly at: number;
}

export interface Piece {
  readonly kind: 'word' | 'argument';
  readonly text: string;
  readonly value: boolean;
}

/** One way of writing a command, without choices and options. */
export interface Form<T> {
  readonly pieces: readonly Piece[];
  readonly command: T;
}

export type Match<T> =
  | { readonly result: 'ok'; readonly command: T; readonly words: readonly Word[] }
  | { readonly result: 'ambiguous' }
  | { readonly result: 'incomplete' }
  | { readonly result: 'invalid'; readonly at: number };

/** A word of the line, keywords written out. */
export interface Word {
  readonly text: string;
  readonly value: boolean;
}

export function tokens(line: string): readonly Token[] {
  return [...line.matchAll(/\S+/g)].map((found) => ({ text: found[0], at: found.index }));
}

/** All ways of writing a form. */
export function forms<T>(text: string, command: T): readonly Form<T>[] {
  return alternatives(text).map((plain) => ({ pieces: plain.split(/\s+/).filter(Boolean).map(piece), command }));
}

function alternatives(text: string): readonly string[] {
  const group = /\(([^()[\]]*)\)|\[([^()[\]]*)\]/.exec(text);
  if (group === null) return [text];
  const before = text.slice(0, group.index);
  const after = text.slice(group.index + group[0].length);
  const choices = group[1] === undefined ? ['', group[2] ?? ''] : group[1].split('|');
  return choices.flatMap((choice) => alternatives(`${before}${choice}${after}`));
}

function piece(text: string): Piece {
  const value = text.startsWith('=');
  const bare = value ? text.slice(1) : text;
  return { kind: /^[A-Z]|^\d+\.\./.test(bare) ? 'argument' : 'word', text: bare, value };
}

/** Finds the one command that a line means, or says where and how it fails. `kinds` tells which texts an argument takes. */
export function match<T>(
  all: readonly Form<T>[],
  line: readonly Token[],
  kinds: (kind: string, text: string) => boolean,
): Match<T> {
  let live: readonly Form<T>[] = all;
  const words: string[] = [];
  for (const [index, token] of line.entries()) {
    const rest = live.find((form) => form.pieces[index]?.text === 'LINE');
    const step = next(live, index, token.text, kinds);
    if (step === 'ambiguous') return { result: 'ambiguous' };
    if (step.forms.length === 0 && rest !== undefined) {
      return done(rest, [
        ...words,
        line
          .slice(index)
          .map((each) => each.text)
          .join(' '),
      ]);
    }
    if (step.forms.length === 0) return { result: 'invalid', at: token.at };
    live = step.forms;
    words.push(step.text);
  }
  const ended = live.find((form) => form.pieces.length === line.length);
  return ended === undefined ? { result: 'incomplete' } : done(ended, words);
}

/** The forms that go on with this token: those with the very keyword, else with the one that it shortens, else with an argument. */
function next<T>(
  live: readonly Form<T>[],
  index: number,
  text: string,
  kinds: (kind: string, text: string) => boolean,
): { readonly forms: readonly Form<T>[]; readonly text: string } | 'ambiguous' {
  const keywords = live.filter((form) => form.pieces[index]?.kind === 'word');
  const exact = keywords.filter((form) => form.pieces[index]?.text === text);
  if (exact.length > 0) return { forms: exact, text };
  const shortened = keywords.filter((form) => form.pieces[index]?.text.startsWith(text));
  const meant = new Set(shortened.map((form) => form.pieces[index]?.text));
  const taken = live.filter((form) => {
    const expected = form.pieces[index];
    return expected?.kind === 'argument' && expected.text !== 'LINE' && kinds(expected.text, text);
  });
  // An address or a number is never a shortened keyword, a name may be one: the keyword wins, as everywhere in this family.
  if (meant.size > 1) return 'ambiguous';
  const [keyword] = meant;
  return keyword === undefined ? { forms: taken, text } : { forms: shortened, text: keyword };
}

function done<T>(form: Form<T>, texts: readonly string[]): Match<T> {
  const words = form.pieces.map((each, index) => ({ text: texts[index] ?? '', value: each.value }));
  return { result: 'ok', command: form.command, words };
}

/** What could stand at the end of the line: keywords, and kinds of arguments. */
export function candidates<T>(
  all: readonly Form<T>[],
  line: readonly Token[],
  kinds: (kind: string, text: string) => boolean,
): readonly string[] {
  let live = all;
  for (const [index, token] of line.entries()) {
    const step = next(live, index, token.text, kinds);
    if (step === 'ambiguous') return [];
    live = step.forms;
  }
  return [...new Set(live.map((form) => form.pieces[line.length]?.text ?? '<cr>'))].sort();
}
