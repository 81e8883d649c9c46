import type { Argument, Command, Option } from 'commander';
import { repeatable } from '../../cli/repeatable.ts';

/** A word that would fit at the cursor. */
export interface Candidate {
  readonly word: string;
  readonly about?: string;
}

/** What fits at the cursor. */
export type Expected =
  | { readonly is: 'words'; readonly candidates: readonly Candidate[] }
  /** A value by the name that the help gives it: `run`, `path`. `before` is what of the word stands already: `--file=`. */
  | { readonly is: 'value'; readonly name: string; readonly before: string };

/** A command line up to the cursor, as far as it is understood. */
export interface PartialLine {
  readonly command: Command;
  /** Values of options by their long name, the last one where several are given. */
  readonly given: ReadonlyMap<string, string>;
  readonly expected: Expected;
}

/** Reads the words after `cpaas`; the last one, perhaps empty, is the one to complete. */
export function readPartialLine(program: Command, words: readonly string[]): PartialLine {
  const given = new Map<string, string>();
  const current = words.at(-1) ?? '';
  let command = program;
  let places = 0;
  let open: Option | undefined;
  let passed = false;
  for (const word of words.slice(0, -1)) {
    const [name = '', value] = halves(word);
    if (open) {
      given.set(open.long ?? '', word);
      open = undefined;
    } else if (passed) places++;
    else if (word === '--') passed = true;
    else if (word.startsWith('-')) {
      const option = optionsOf(command).find(({ long, short }) => name === long || name === short);
      if (option?.required && value === undefined) open = option;
      else if (option) given.set(option.long ?? '', value ?? '');
    } else {
      const below = command.commands.find((each) => each.name() === word);
      if (below) command = below;
      else places++;
    }
  }
  return { command, given, expected: passed ? NOTHING : expectedAt(command, current, { open, places, given }) };
}

const NOTHING: Expected = { is: 'words', candidates: [] };

interface AtCursor {
  readonly open: Option | undefined;
  readonly places: number;
  readonly given: ReadonlyMap<string, string>;
}

function expectedAt(command: Command, current: string, { open, places, given }: AtCursor): Expected {
  if (open) return valueFor(open, '');
  if (current.startsWith('-')) {
    const [name = '', value] = halves(current);
    const option = optionsOf(command).find(({ long }) => long === name);
    return option && value !== undefined ? valueFor(option, `${name}=`) : words(flags(command, given));
  }
  const argument = command.registeredArguments[Math.min(places, command.registeredArguments.length - 1)];
  if (argument && (argument.variadic || places < command.registeredArguments.length)) return valueFor(argument, '');
  const below = command.commands.map((each) => ({ word: each.name(), about: each.description() }));
  return words(below.length > 0 && places === 0 ? below : flags(command, given));
}

const words = (candidates: readonly Candidate[]): Expected => ({ is: 'words', candidates });

/** Its choices, or its name, for those who know values of that name. */
function valueFor(asked: Option | Argument, before: string): Expected {
  const choices = asked.argChoices;
  if (choices) return words(choices.map((word) => ({ word: before + word })));
  return { is: 'value', name: placeholder(asked), before };
}

/** `run` of `[run]`, `path` of `--junit <path>`. */
export const placeholder = (asked: Option | Argument): string =>
  'flags' in asked ? (/[<[]([^\]>.]+)/.exec(asked.flags)?.[1] ?? '') : asked.name();

/** Flags that were not given yet; what can be given again is offered again. */
const flags = (command: Command, given: ReadonlyMap<string, string>): readonly Candidate[] =>
  optionsOf(command)
    .filter(({ long, hidden, parseArg }: Option) => !hidden && (!given.has(long ?? '') || parseArg === repeatable))
    .map(({ long, description }) => ({ word: long ?? '', about: description }));

/** Of the command and all above it: global options are understood everywhere. */
const optionsOf = (command: Command | null): readonly Option[] =>
  command ? [...command.options, ...optionsOf(command.parent)] : [];

/** `--file=x` as its two. */
const halves = (word: string): readonly string[] => {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
};
