import { Command, CommanderError } from 'commander';
import type { Act } from './commands/command.ts';
import { declareGlobals, type Globals } from './commands/globals.ts';
import { verbs } from './commands/index.ts';
import type { Io } from './commands/io.ts';

/** Runs one command line and resolves with the exit code. Everything foreseen is printed; nothing is thrown. */
export async function main(argv: readonly string[], io?: Io): Promise<number> {
  const outside = io ?? (await import('./commands/process-io.ts')).processIo();
  let exit: number = 0;
  try {
    const program = await build(argv, outside, (code) => {
      exit = code;
    });
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { printFailure } = await import('./commands/failure.ts');
    exit = await printFailure(error, argv, outside);
  }
  return exit;
}

/** The program with all verbs by name, and the called one in full: loading every module for each call would cost more than the call. */
async function build(argv: readonly string[], io: Io, done: (exit: number) => void): Promise<Command> {
  const program = shaped(new Command('cpaas'), io).description(
    'Joins Kubernetes and F5 BIG-IP by BGP: from one file, in one command, proven and reversible.',
  );
  declareGlobals(program);
  program.option('-V, --version', 'print the version');
  const called = verbs.find(({ name }) => argv.includes(name) && name === firstWord(argv));
  for (const verb of verbs) {
    const command = shaped(program.command(verb.name), io).description(verb.summary);
    if (verb === called) (await verb.load()).define(command, binding(io, done));
  }
  program.action(async () => {
    if (program.getOptionValue('version') === true) {
      const { version } = await import('./commands/version.ts');
      io.stdout.write(`${version()}\n`);
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

/** The same manners for every command: help and errors go where the caller wants them, and nobody ends the process. */
function shaped(command: Command, io: Io): Command {
  return command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for what there is)')
    .showSuggestionAfterError(true)
    .helpCommand(false);
}

/** Binds actions: runs them, prints their answers, remembers the exit code. */
const binding =
  (io: Io, done: (exit: number) => void): Act =>
  (command, action) => {
    shaped(command, io).action(async () => {
      const options = command.optsWithGlobals() as never;
      const answer = await action({ args: command.args, options, io });
      if (answer && 'kind' in answer) {
        const { print } = await import('./commands/answer.ts');
        await print(answer, options as Globals, io);
      }
      done(answer?.exit ?? 0);
    });
  };

/** The first word that is no option and no option's value. */
function firstWord(argv: readonly string[]): string | undefined {
  const valued = /^(-f|--file|-o|--output|--progress|--cluster|--log-file|--confirm|--timeout|--parallel|--state-dir)$/;
  return argv.find((word, at) => !word.startsWith('-') && !valued.test(argv[at - 1] ?? ''));
}
