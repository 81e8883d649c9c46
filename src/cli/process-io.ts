import { constants } from 'node:os';
import { CpaasError } from '../core/errors.ts';
import type { Io } from './io.ts';

/**
 * The process itself. The first SIGINT, SIGTERM or SIGHUP asks for an orderly end; the second does not wait for it. Children that
 * change something are in process groups of their own, so a Ctrl-C at the terminal does not reach them.
 */
export function processIo(): Io {
  const interrupted = new AbortController();
  const killed = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (!interrupted.signal.aborted)
        return interrupted.abort(new CpaasError('RUN.INTERRUPTED', `interrupted by ${signal}`));
      killed.abort();
      process.exit(128 + constants.signals[signal]);
    });
  // whoever writes to stdout hears of it by himself; what stderr shows of a run that goes well may be lost
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const { env, stdin, stdout, stderr } = process;
  return { env, stdin, stdout, stderr, interrupted: interrupted.signal, killed: killed.signal };
}
