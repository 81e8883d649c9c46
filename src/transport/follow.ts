import type { Output, Running } from '../core/transport.ts';
import { tooMuch } from './collect.ts';

/** Characters that a line may have (no object of an API comes near), and of an error those that are kept. */
const LINE_LIMIT = 4 * 1024 * 1024;
const KEPT = 4000;

/**
 * The lines of a program that goes on, each handed over before the next is read: whoever is slow makes the program wait, and nothing
 * piles up. Returns how it ended. When nobody asks for more, or `signal` is aborted, it is killed.
 */
export async function* linesOf(
  running: Running,
  command: { readonly host: string; readonly argv: readonly string[] },
  signal: AbortSignal,
  limit = LINE_LIMIT,
): AsyncGenerator<string, Output> {
  const { stdout, stderr, ended } = running;
  // awaited only at the end: a failure meanwhile is no unhandled one
  ended.catch(() => {});
  const kill = (): void => running.kill();
  signal.addEventListener('abort', kill);
  let over = false;
  let said = '';
  stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-KEPT);
  });
  try {
    let rest = '';
    stdout.setEncoding('utf8');
    for await (const chunk of stdout as AsyncIterable<string>) {
      const [first = '', ...more] = chunk.split('\n');
      rest += first;
      for (const next of more) {
        yield rest;
        rest = next;
      }
      if (rest.length > limit) throw tooMuch(command, limit);
    }
    signal.throwIfAborted();
    if (rest !== '') yield rest;
    const code = await ended;
    over = true;
    return { stdout: '', stderr: said, code };
  } finally {
    signal.removeEventListener('abort', kill);
    if (!over) kill();
  }
}
