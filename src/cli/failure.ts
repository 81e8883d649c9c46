import type { ErrorSummary } from '../core/documents.ts';
import { CpaasError, type Evidence, flatten, type NextAction } from '../core/errors.ts';
import { printDocument } from '../ui/output/print.ts';
import { failures } from '../ui/text/failures.ts';
import { advisedCommand, type ClusterOptions } from './advised-command.ts';
import type { ExitCode } from './command.ts';
import type { Io } from './io.ts';
import type { OutputOptions } from './output-options.ts';
import { reportError } from './report-error.ts';

/** What a run that did not come to its end leaves behind, and the commands that lead on and back. */
export interface Recovery {
  readonly state: readonly Evidence[];
  readonly next: readonly NextAction[];
}

/**
 * What was thrown before there was a result: told on stderr, and as an `Error` document where stdout is for a program. After a Ctrl-C
 * that is a line, since whoever pressed it knows why.
 */
export async function printFailure(error: unknown, options: OutputOptions, io: Io): Promise<number> {
  if (!isInterrupt(error, io) || options.progress === 'json') await reportError({ error }, options, io);
  else io.stderr.write('interrupted; nothing was changed\n');
  await printError(error, options, io);
  return exitOf(error, io);
}

/** A command line that was not understood. Commander has said so in words already, unless only programs read. */
export async function printMisuse(message: string, options: OutputOptions, io: Io): Promise<number> {
  const error = new CpaasError('USAGE.COMMAND', message.replace(/^error: /, ''));
  if (options.progress === 'json') await reportError({ error }, options, io);
  await printError(error, options, io);
  return 2;
}

/** The failure has been told on stderr: a document that cannot be written is no other. */
const printError = async (error: unknown, { output, ...cluster }: OutputOptions, { stdout }: Io): Promise<void> => {
  if (output === 'text') return;
  await printDocument('Error', summaryOf(error, {}, cluster), { format: output, text: () => '', stdout }).catch(
    (lost) => {
      if (!isForeseen(lost)) throw lost;
    },
  );
};

/** Whether the user's Ctrl-C alone is behind a failure. */
const isInterrupt = (error: unknown, { interrupted }: Pick<Io, 'interrupted'>): boolean =>
  interrupted.aborted && failures(error).every(({ code }) => code === 'RUN.INTERRUPTED');

/** 1 for a bug of ours, 3 for a no, 130 for an interrupt, 2 for everything that was foreseen. */
export function exitOf(error: unknown, io: Pick<Io, 'interrupted'>): ExitCode {
  const all = flatten(error);
  if (io.interrupted.aborted) return 130;
  if (all.some((each) => isForeseen(each) && each.code === 'CONSENT.DECLINED')) return 3;
  return all.every(isForeseen) ? 2 : 1;
}

/** The first failure in one line, with what it leaves behind and all that can be done next, each command once and as it can be copied. */
export function summaryOf(error: unknown, left: Partial<Recovery> = {}, cluster: ClusterOptions = {}): ErrorSummary {
  const all = failures(error);
  const [first] = all;
  const offered: readonly NextAction[] = [...all.flatMap((each) => each.next), ...(left.next ?? [])].map((each) =>
    each.command === undefined ? each : { ...each, command: advisedCommand(each.command, cluster) },
  );
  const next = offered.filter(
    ({ command }, at) => command === undefined || offered.findIndex((other) => other.command === command) === at,
  );
  const evidence = [...all.flatMap((each) => each.evidence), ...(left.state ?? [])];
  return {
    code: first?.code ?? 'CPAAS.BUG',
    message: all.map(({ message }) => message).join('; '),
    ...(evidence.length > 0 ? { evidence } : {}),
    next,
  };
}

const isForeseen = (error: unknown): error is CpaasError =>
  error instanceof Error && 'code' in error && error.name === 'CpaasError';
