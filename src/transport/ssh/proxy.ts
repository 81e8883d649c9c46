import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { lastWords } from '../collect.ts';
import { quoteAll } from '../quote.ts';

/**
 * The standard input and output of a ProxyCommand, as the stream that SSH speaks over. When the program ends with a failure, the stream
 * does too, with what it said last: `connect ECONNREFUSED 10.10.2.20:22`.
 */
export function throughCommand([program = '', ...args]: readonly string[]): Duplex {
  const child = spawn(program, args, { stdio: 'pipe', detached: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  child.stdin.on('error', () => {});
  child.stdout.pause();
  const stream = new Duplex({
    read: () => child.stdout.resume(),
    write: (chunk, _, done) => {
      child.stdin.write(chunk, () => done());
    },
    final: (done) => {
      child.stdin.end(done);
    },
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  child.stdout.on('data', (chunk) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  const failed = (how: string) =>
    stream.destroy(new Error(`proxy command ${how}: ${lastWords(said, 2) || quoteAll([program, ...args])}`));
  child.on('error', (error) => stream.destroy(new Error(`proxy command cannot be started: ${error.message}`)));
  // Only now its last words are complete.
  child.on('close', (code, signal) => {
    if (stream.destroyed) return;
    if (code === 0) stream.push(null);
    else failed(signal === null ? `ended with code ${code}` : `was ended by ${signal}`);
  });
  return stream;
}
