import type { ErrorSummary } from '../core/documents.ts';
import { type CpaasError, flatten, type NextAction } from '../core/errors.ts';
import { errorText } from '../ui/error.ts';
import { failures } from '../ui/failures.ts';
import { printDocument } from '../ui/print.ts';
import type { ExitCode } from './command.ts';
import type { Io } from './io.ts';
import { viewOn } from './view.ts';

/** What was thrown before there was a result: told on stderr, and as an `Error` document where stdout is for a program. */
export async function printFailure(error: unknown, argv: readonly string[], io: Io): Promise<number> {
  const color = !argv.includes('--no-color');
  const asJson = argv.some(
    (word, at) => word === '--output=json' || (word === 'json' && /^(-o|--output)$/.test(argv[at - 1] ?? '')),
  );
  io.stderr.write(`${errorText({ error }, await viewOn('stderr', { color }, io))}\n`);
  if (asJson) await printDocument('Error', summaryOf(error), { format: 'json', text: () => '', stdout: io.stdout });
  return exitOf(error, io);
}

/** 1 for a bug of ours, 3 for a no, 130 for an interrupt, 2 for everything that was foreseen. */
export function exitOf(error: unknown, io: Pick<Io, 'interrupted'>): ExitCode {
  const all = flatten(error);
  if (io.interrupted.aborted) return 130;
  if (all.some((each) => isForeseen(each) && each.code === 'CONSENT.DECLINED')) return 3;
  return all.every(isForeseen) ? 2 : 1;
}

/** The first failure in one line, with all that can be done next. */
export function summaryOf(error: unknown): ErrorSummary {
  const all = failures(error);
  const [first] = all;
  const next: NextAction[] = all.flatMap((each) => each.next);
  return {
    code: first?.code ?? 'CPAAS.BUG',
    message: all.map(({ message }) => message).join('; '),
    ...(first && first.evidence.length > 0 ? { evidence: all.flatMap((each) => each.evidence) } : {}),
    next,
  };
}

const isForeseen = (error: unknown): error is CpaasError =>
  error instanceof Error && 'code' in error && error.name === 'CpaasError';
