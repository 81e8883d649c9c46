import { Command } from 'commander';
import { declareGlobals } from '../../src/cli/globals.ts';
import { verbs } from '../../src/commands/index.ts';
import type { CallLine } from './calls.ts';

/** A command of the command line, by the words that call it. */
export interface Called {
  readonly words: readonly string[];
  readonly summary: string;
  readonly command: Command;
}

/** Every command and subcommand, groups included, in the order of `--help`. */
export async function allCommands(): Promise<readonly Called[]> {
  const program = new Command('cpaas');
  const called = await Promise.all(
    verbs.map(async ({ name, summary, load }) => {
      const command = program.command(name);
      (await load()).define(command, () => {});
      return [{ words: [name], summary, command }, ...below(command, [name])];
    }),
  );
  return called.flat();
}

const below = (command: Command, words: readonly string[]): readonly Called[] =>
  command.commands.flatMap((each) => {
    const path = [...words, each.name()];
    return [{ words: path, summary: each.description(), command: each }, ...below(each, path)];
  });

/** What a call of cpaas in a text has wrong: a command that is not there, or flags that it does not take. */
export function wrongIn({ line, words, flags }: CallLine, commands: readonly Called[]): readonly string[] {
  const called = commands
    .filter((each) => each.words.every((word, at) => words[at] === word))
    .toSorted((one, other) => other.words.length - one.words.length)[0];
  if (words.length > 0 && !called) return [`${line}: no such command`];
  const known = flagsOf(called?.command);
  return flags.filter((flag) => !known.has(flag)).map((flag) => `${line}: no flag ${flag}`);
}

/** The long and short flags of a command, the global ones among them. */
function flagsOf(command: Command | undefined): ReadonlySet<string | undefined> {
  const options = [...declareGlobals(new Command()).options, ...(command?.options ?? [])];
  return new Set([...options.flatMap(({ short, long }) => [short, long]), '--help', '-h', '--version', '-V']);
}
