import { CpaasError, type Evidence } from '../core/errors.ts';
import { lastWords } from '../core/last-words.ts';
import { quoteAll } from '../core/quote.ts';
import type { ExecOptions, Output, Running } from '../core/transport.ts';
import { OutputBuffer } from './output-buffer.ts';

/** Bytes that one command may answer, both streams together. What cpaas asks for is a thousandth of this. */
const OUTPUT_LIMIT = 64 * 1024 * 1024;

export interface CollectOptions extends Pick<ExecOptions, 'timeout' | 'signal'> {
  readonly limit?: number;
}

/** Waits for a program and gathers what it says, in bounded time and memory. Rejects with `HOST.TIMEOUT` or `HOST.OUTPUT`. */
export function collect(
  running: Running,
  command: { readonly host: string; readonly argv: readonly string[] },
  { timeout, signal, limit = OUTPUT_LIMIT }: CollectOptions,
): Promise<Output> {
  const stdout = new OutputBuffer();
  const stderr = new OutputBuffer();
  return new Promise((resolve, reject) => {
    let size = 0;
    let over = false;
    const settle = (act: () => void) => {
      if (over) return;
      over = true;
      clearTimeout(clock);
      signal?.removeEventListener('abort', abort);
      act();
    };
    const giveUp = (reason: unknown) =>
      settle(() => {
        running.kill();
        reject(reason);
      });
    // Goes on reading when all is over: a stream that nobody reads never ends.
    const gather = (into: OutputBuffer) => (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) giveUp(tooMuch(command, limit));
      if (!over) into.add(chunk);
    };
    const abort = () => giveUp(signal?.reason);
    const late = () => giveUp(timedOut(command, timeout ?? 0, lastWords(stderr.text()) || lastWords(stdout.text())));
    const clock = timeout === undefined ? undefined : setTimeout(late, timeout);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    running.stdout.on('data', gather(stdout));
    running.stderr.on('data', gather(stderr));
    running.ended.then(
      (code) => settle(() => resolve({ stdout: stdout.text(), stderr: stderr.text(), code })),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}

/** A command as evidence: scripts and long lists are cut, since the log has them whole. */
export const commandLine = (argv: readonly string[]): Evidence => {
  const line = quoteAll(argv).replaceAll('\n', ' ');
  return { label: 'command', text: line.length > 300 ? `${line.slice(0, 300)} …` : line };
};

function timedOut({ host, argv }: { host: string; argv: readonly string[] }, timeout: number, last: string) {
  return new CpaasError('HOST.TIMEOUT', `${host}: no end of ${argv[0]} within ${timeout / 1000} s`, {
    evidence: [commandLine(argv), { label: 'last said', text: last || 'nothing' }],
    next: [{ label: 'look whether it still runs there before you try again; --timeout waits longer' }],
  });
}

export function tooMuch({ host, argv }: { host: string; argv: readonly string[] }, limit: number) {
  return new CpaasError('HOST.OUTPUT', `${host}: ${argv[0]} answered with more than ${limit / 1024 / 1024} MiB`, {
    evidence: [commandLine(argv)],
    next: [{ label: 'run it by hand and see what it prints' }],
  });
}
