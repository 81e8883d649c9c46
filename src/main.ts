import { Command, CommanderError } from 'commander';
import type { Act } from './cli/command.ts';
import { declareGlobals, type Globals } from './cli/globals.ts';
import type { Io } from './cli/io.ts';
import { outputOptionsIn } from './cli/output-options.ts';
import { refuseHelpOfUnknownWord, refuseUnknownWord } from './cli/unknown-word.ts';
import { verbs } from './commands/index.ts';

/** Runs one command line and resolves with the exit code. Everything foreseen is printed; nothing is thrown. */
export async function main(words: readonly string[], io?: Io): Promise<number> {
  const argv = asked(words);
  const outside = io ?? (await import('./cli/process-io.ts')).processIo();
  const options = outputOptionsIn(argv);
  const help: string[] = [];
  let exit: number = 0;
  try {
    const program = await build(argv, { io: outside, prose: options.progress !== 'json', help }, (code) => {
      exit = code;
    });
    await program.parseAsync(argv, { from: 'user' }).catch(unlessHelp);
    if (help.length > 0) await (await import('./cli/print-text.ts')).printText(help.join(''), outside);
  } catch (error) {
    const { printFailure, printMisuse } = await import('./cli/failure.ts');
    exit =
      error instanceof CommanderError
        ? await printMisuse(error.code === 'commander.help' ? 'a command is missing' : error.message, options, outside)
        : await printFailure(error, options, outside);
  }
  return exit;
}

/** Commander ends by throwing when it has given help, too. */
function unlessHelp(error: unknown): void {
  if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
}

/** `cpaas help bgp peer`, as other programs have it, is `cpaas bgp peer --help`. */
function asked(words: readonly string[]): readonly string[] {
  if (firstWord(words) !== 'help') return words;
  const at = words.indexOf('help');
  return asked([...words.slice(0, at), ...words.slice(at + 1), '--help']);
}

/** The program with all verbs by name, and the called one in full: loading every module for each call would cost more than the call. */
async function build(argv: readonly string[], streams: Streams, done: (exit: number) => void): Promise<Command> {
  const program = configured(new Command('cpaas'), streams).description(
    'Joins Kubernetes and F5 BIG-IP by BGP: from one file, in one command, proven and reversible.',
  );
  declareGlobals(program);
  program.option('-V, --version', 'print the version');
  const called = firstWord(argv);
  // what is being typed at a shell is asked of the verb that is being typed
  const completed = called === 'completion' ? firstWord(argv.slice(argv.indexOf('--') + 1)) : undefined;
  program.on('beforeHelp', () => refuseHelpOfUnknownWord(program));
  for (const verb of verbs) {
    const command = configured(program.command(verb.name), streams).description(verb.summary);
    command.on('beforeHelp', () => refuseHelpOfUnknownWord(command));
    if (verb.name === called || verb.name === completed) {
      (await verb.load()).define(command, binding(streams, done));
      if (command.commands.length > 0) command.allowExcessArguments();
    }
  }
  program.allowExcessArguments().action(async () => {
    refuseUnknownWord(program);
    if (program.getOptionValue('version') === true) {
      const { version } = await import('./cli/version.ts');
      streams.help.push(`${version()}\n`);
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

interface Streams {
  readonly io: Io;
  /** Whether stderr takes words: programs that follow a run read events there and nothing else. */
  readonly prose: boolean;
  /** What is to be said on stdout at the end, where help or the version is asked for. */
  readonly help: string[];
}

/** Help and errors go where the caller wants them, and no command ends the process. */
function configured(command: Command, { io, prose, help }: Streams): Command {
  return command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => help.push(text),
      writeErr: (text) => {
        if (prose) io.stderr.write(text);
      },
    })
    .configureHelp({ ...command.configureHelp(), showGlobalOptions: true })
    .showHelpAfterError('(add --help for what there is)')
    .showSuggestionAfterError(true)
    .helpCommand(false);
}

/** Binds actions: runs them, prints their answers, remembers the exit code. */
const binding =
  (streams: Streams, done: (exit: number) => void): Act =>
  (command, action) => {
    const { io } = streams;
    configured(command, streams).action(async () => {
      refuseUnknownWord(command);
      const options = command.optsWithGlobals() as never;
      const answer = await action({ args: command.args, options, io });
      if (answer && 'kind' in answer) {
        const { printAnswer } = await import('./cli/print-answer.ts');
        await printAnswer(answer, options as Globals, io);
      }
      done(answer?.exit ?? 0);
    });
  };

/** The first word that is no option and no option's value. */
function firstWord(argv: readonly string[]): string | undefined {
  const valued =
    /^(-f|--file|-o|--output|--progress|--cluster|--log-file|--confirm|--timeout|--parallel|--state-dir|--bundle)$/;
  return argv.find((word, at) => !word.startsWith('-') && !valued.test(argv[at - 1] ?? ''));
}
