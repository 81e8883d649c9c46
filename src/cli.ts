import { Command, CommanderError } from 'commander';
import type { Act } from './cli/command.ts';
import { declareGlobals, type Globals } from './cli/globals.ts';
import type { Io } from './cli/io.ts';
import { type Wishes, wishesIn } from './cli/output-options.ts';
import { verbs } from './commands/index.ts';

/** Runs one command line and resolves with the exit code. Everything foreseen is printed; nothing is thrown. */
export async function main(argv: readonly string[], io?: Io): Promise<number> {
  const outside = io ?? (await import('./cli/process-io.ts')).processIo();
  const wishes = wishesIn(argv);
  let exit: number = 0;
  try {
    const program = await build(argv, wishes, outside, (code) => {
      exit = code;
    });
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const { printFailure, printMisuse } = await import('./cli/failure.ts');
    exit =
      error instanceof CommanderError
        ? await printMisuse(error.code === 'commander.help' ? 'a command is missing' : error.message, wishes, outside)
        : await printFailure(error, wishes, outside);
  }
  return exit;
}

/** The program with all verbs by name, and the called one in full: loading every module for each call would cost more than the call. */
async function build(
  argv: readonly string[],
  { progress }: Wishes,
  outside: Io,
  done: (exit: number) => void,
): Promise<Command> {
  const manners: Manners = { io: outside, prose: progress !== 'json' };
  const program = shaped(new Command('cpaas'), manners).description(
    'Joins Kubernetes and F5 BIG-IP by BGP: from one file, in one command, proven and reversible.',
  );
  declareGlobals(program);
  program.option('-V, --version', 'print the version');
  const called = firstWord(argv);
  // what is being typed at a shell is asked of the verb that is being typed
  const completed = called === 'completion' ? firstWord(argv.slice(argv.indexOf('--') + 1)) : undefined;
  for (const verb of verbs) {
    const command = shaped(program.command(verb.name), manners).description(verb.summary);
    if (verb.name === called || verb.name === completed) {
      (await verb.load()).define(command, binding(manners, done));
      if (command.commands.length > 0) command.allowExcessArguments();
    }
  }
  program.allowExcessArguments().action(async () => {
    await mustBeKnown(program);
    if (program.getOptionValue('version') === true) {
      const { version } = await import('./cli/version.ts');
      outside.stdout.write(`${version()}\n`);
    } else program.help();
  });
  program.addHelpText('after', START);
  return program;
}

const START = `
Start here:
  cpaas init                 write cpaas.yaml
  cpaas plan                 see what would be done
  cpaas up                   do it
  cpaas lab up               or try it all on this machine first`;

interface Manners {
  readonly io: Io;
  /** Whether stderr takes words: programs that follow a run read events there and nothing else. */
  readonly prose: boolean;
}

/** The same manners for every command: help and errors go where the caller wants them, and nobody ends the process. */
function shaped(command: Command, { io, prose }: Manners): Command {
  return command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => {
        if (prose) io.stderr.write(text);
      },
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for what there is)')
    .showSuggestionAfterError(true)
    .helpCommand(false);
}

/** Binds actions: runs them, prints their answers, remembers the exit code. */
const binding =
  (manners: Manners, done: (exit: number) => void): Act =>
  (command, action) => {
    const { io } = manners;
    shaped(command, manners).action(async () => {
      await mustBeKnown(command);
      const options = command.optsWithGlobals() as never;
      const answer = await action({ args: command.args, options, io });
      if (answer && 'kind' in answer) {
        const { print } = await import('./cli/print-answer.ts');
        await print(answer, options as Globals, io);
      }
      done(answer?.exit ?? 0);
    });
  };

/** Groups take words that are too many, to say what may have been meant. */
async function mustBeKnown(group: Command): Promise<void> {
  if (group.commands.length === 0 || group.args.length <= group.registeredArguments.length) return;
  const { refuseWord } = await import('./cli/unknown-word.ts');
  refuseWord(group);
}

/** The first word that is no option and no option's value. */
function firstWord(argv: readonly string[]): string | undefined {
  const valued =
    /^(-f|--file|-o|--output|--progress|--cluster|--log-file|--confirm|--timeout|--parallel|--state-dir|--bundle)$/;
  return argv.find((word, at) => !word.startsWith('-') && !valued.test(argv[at - 1] ?? ''));
}
