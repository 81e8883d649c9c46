import { Duplex, type Readable, type Writable } from 'node:stream';

export interface Speaker {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when the program has left and said everything; rejects with why it failed. */
  readonly ended: Promise<unknown>;
  kill(): void;
}

/** A running program as one stream: what is written it reads, what it says is read. Destroying the stream ends it. */
export function dialogue({ stdin, stdout, ended, kill }: Speaker): Duplex {
  const stream = new Duplex({
    read: () => stdout.resume(),
    write: (chunk, _, done) => {
      stdin.write(chunk, () => done());
    },
    final: (done) => {
      stdin.end(() => done());
    },
    destroy: (error, done) => {
      kill();
      done(error);
    },
  });
  // Whoever is given the stream may not listen yet; `errored` tells him.
  stream.on('error', () => {});
  // A program may leave before it has read everything.
  stdin.on('error', () => {});
  stdout.on('data', (chunk) => {
    if (!stream.push(chunk)) stdout.pause();
  });
  ended.then(
    () => {
      // nobody is left to write to: whoever waits for `close`, as SSH over a proxy command does, would wait for ever
      stream.once('end', () => stream.destroy());
      stream.push(null);
    },
    (error: Error) => stream.destroy(error),
  );
  return stream;
}
