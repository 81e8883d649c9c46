import { PassThrough, Writable } from 'node:stream';
import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/main.ts';

/** What one command line came to. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * One command line in this process, without a terminal: `runCpaas('plan -f x.yaml -o json')`. Words are separated by spaces; a word
 * that has some is given in an array. `interrupted` is Ctrl-C.
 */
export async function runCpaas(
  line: string | readonly string[],
  env: NodeJS.ProcessEnv = {},
  interrupted: AbortSignal = new AbortController().signal,
): Promise<Ran> {
  const stdout = new Kept();
  const stderr = new Kept();
  const stdin = new PassThrough();
  stdin.end();
  const killed = new AbortController().signal;
  const io: Io = { env: { ...env, NO_COLOR: '1' }, stdin, stdout, stderr, interrupted, killed };
  const argv = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line;
  return { code: await main(argv, io), stdout: stdout.text, stderr: stderr.text };
}

class Kept extends Writable {
  text = '';

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
