/** Characters that no shell gives a meaning, wherever they stand in a word. */
const PLAIN = /^[\w@%+:,./-]+$/;

/** One word of a POSIX shell's command line that arrives as it is, whatever is in it. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new Error(`no command can be given a NUL character: ${JSON.stringify(word)}`);
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A command line that a POSIX shell takes apart into `argv` again. A brace alone stays bare: it means something to a shell only where a
 * command begins, and tmsh, which is the shell of some logins, knows no quotes around its own.
 */
export const quoteAll = (argv: readonly string[]): string =>
  argv.map((word, at) => (at > 0 && /^[{}]$/.test(word) ? word : quote(word))).join(' ');
