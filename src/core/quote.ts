/** Characters that no shell gives a meaning, wherever they stand in a word. */
const PLAIN = /^[\w@%+:,./-]+$/;

/** One word of a POSIX shell's command line that arrives as it is, whatever is in it. */
export const quote = (word: string): string => quoted(word, /'/g);

function quoted(word: string, outside: RegExp): string {
  if (word.includes('\0')) throw new Error(`no command can be given a NUL character: ${JSON.stringify(word)}`);
  return PLAIN.test(word) ? word : `'${word.replaceAll(outside, (mark) => `'\\${mark}'`)}'`;
}

/**
 * A command line that a POSIX shell takes apart into `argv` again. A brace alone stays bare: it means something to a shell only where a
 * command begins, and tmsh, which is the shell of some logins, knows no quotes around its own.
 */
export const quoteAll = (argv: readonly string[]): string =>
  argv.map((word, at) => (at > 0 && /^[{}]$/.test(word) ? word : quote(word))).join(' ');

/**
 * The same for a login whose shell may be fish or csh: in their quotes a backslash or an exclamation mark means something, and after a
 * backslash outside of quotes it does not. Nothing that csh takes stands for the end of a line.
 */
export const quoteForAnyShell = (argv: readonly string[]): string =>
  argv.map((word) => quoted(word, /['\\!]/g)).join(' ');
