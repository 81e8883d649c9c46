import { readFileSync } from 'node:fs';
import { Argument, type Command, Option } from 'commander';
import { type Call, examples, type VerbModule } from '../../cli/command.ts';
import type { Globals } from '../../cli/globals.ts';
import { candidateSources, FILES } from './candidates.ts';
import { type Candidate, readPartialLine } from './command-line.ts';
import type { CompletionContext } from './context.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

interface Options {
  readonly complete?: boolean;
}

export const define: VerbModule['define'] = (command, act) => {
  command
    .usage('[options] <shell>')
    .addArgument(new Argument('<shell>', 'whose script is printed').choices(SHELLS))
    .argument('[words...]')
    // what the scripts ask: the words behind -- are a command line that is being typed
    .addOption(new Option('--complete').hideHelp());
  command.configureHelp({ visibleArguments: () => command.registeredArguments.slice(0, 1) });
  examples(command, [
    ['source <(cpaas completion bash)', 'in ~/.bashrc; in ~/.zshrc the same with zsh, after compinit'],
    ['cpaas completion fish > ~/.config/fish/completions/cpaas.fish', 'once'],
  ]);
  act<Options>(command, async (call) => {
    const [shell = '', ...words] = call.args;
    const text = call.options.complete ? await answerTo(words, command, call) : script(shell);
    const { writeOut } = await import('../../ui/output/print.ts');
    await writeOut(text, call.io.stdout);
    return undefined;
  });
};

const script = (shell: string): string =>
  readFileSync(new URL(`../../../templates/completion.${shell}`, import.meta.url), 'utf8');

/** A line for each word that fits, with what it is about behind a tab; `:files` where files do, too. */
async function answerTo(words: readonly string[], command: Command, call: Call): Promise<string> {
  const { parent } = command;
  if (!parent) return '';
  const { expected, given } = readPartialLine(parent, words);
  const current = words.at(-1) ?? '';
  if (expected.is === 'words') return lines(expected.candidates, current);
  const { name, before } = expected;
  if (FILES.has(name)) return ':files\n';
  const candidates = await candidatesOf(name, { options: optionsOf(given, call), io: call.io });
  return lines(
    candidates.map(({ word, ...rest }) => ({ ...rest, word: before + word })),
    current,
  );
}

/** Nobody who types wants to hear why there is nothing to offer. */
async function candidatesOf(name: string, context: CompletionContext): Promise<readonly Candidate[]> {
  try {
    return (await candidateSources[name]?.(context)) ?? [];
  } catch {
    return [];
  }
}

const lines = (candidates: readonly Candidate[], current: string): string =>
  candidates
    .filter(({ word }) => word.toLowerCase().startsWith(current.toLowerCase()))
    .map(({ word, about }) => `${about ? `${word}\t${about}` : word}\n`)
    .join('');

/** The options that say which cluster is meant, from the line that is being typed. */
function optionsOf(given: ReadonlyMap<string, string>, { options }: Call): Globals {
  const [file, cluster, stateDir] = ['--file', '--cluster', '--state-dir'].map((name) => given.get(name));
  return {
    ...options,
    ...(file === undefined ? {} : { file }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(stateDir === undefined ? {} : { stateDir }),
  };
}
