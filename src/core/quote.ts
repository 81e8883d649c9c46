/** Characters that no shell gives a meaning, wherever they stand in a word. */
const PLAIN = /^[\w@%+:,./-]+$/;

/** One word of a POSIX shell's command line that arrives as it is, whatever is in it. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new Error(`no command can be given a NUL character: ${JSON.stringify(word)}`);
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line that a POSIX shell takes apart into `argv` again. */
export const quoteAll = (argv: readonly string[]): string => argv.map(quote).join(' ');
