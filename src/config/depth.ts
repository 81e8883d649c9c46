import { Lexer, Parser } from 'yaml';

/** Levels of maps and lists. A cluster file has ten. */
const DEEPEST = 64;

/**
 * Where a text is nested deeper than any cluster file. Asked before the document is composed: that recurses for every level, and
 * node ends at once, past every catch, when a regular expression is compiled at the end of the stack.
 */
export function tooDeepAt(text: string): number | undefined {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > DEEPEST) return parser.offset;
  }
  return undefined;
}
