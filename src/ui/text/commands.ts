import type { PlannedStep } from '../../core/documents.ts';
import type { View } from './renderer.ts';

type HostCommand = PlannedStep['commands'][number];

/** One word as a POSIX shell reads it back; control characters in bash's `$'…'`, so that they never reach a terminal raw. */
export function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!unprintable.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  const safe = word.replace(/[\\']/g, '\\$&').replace(new RegExp(unprintable, 'g'), escaped);
  return `$'${safe}'`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

const escaped = (letter: string): string =>
  letter === '\n' ? '\\n' : letter === '\t' ? '\\t' : `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** An argv as one line of shell. */
export const shellLine = (argv: readonly string[]): string => argv.map(quote).join(' ');

/** A command as lines of shell, its standard input as a here-document that nothing is expanded in. */
export function shellLines({ argv, stdin }: Pick<HostCommand, 'argv' | 'stdin'>): readonly string[] {
  if (stdin === undefined) return [shellLine(argv)];
  const text = stdin.replace(/\n$/, '');
  if (unprintable.test(text.replace(/[\n\t]/g, '')) || !stdin.endsWith('\n'))
    return [`printf %s ${quote(stdin)} | ${shellLine(argv)}`];
  const lines = text.split('\n');
  let end = 'EOF';
  while (lines.includes(end)) end += '_';
  return [`${shellLine(argv)} <<'${end}'`, ...lines, end];
}

/** The commands of a step under its row: `$ ip -batch -`, then what is given to it. Not for copying: see `plan --commands`. */
export function commandLines(commands: readonly HostCommand[], { style }: View, indent: number): readonly string[] {
  const margin = ' '.repeat(indent);
  return commands.flatMap(({ argv, stdin }) => [
    style.dim(`${margin}$ ${shellLine(argv)}`),
    ...(stdin?.replace(/\n$/, '').split('\n') ?? []).map((line) => style.dim(`${margin}  ${line}`)),
  ]);
}
