import type { Socket } from 'node:net';

/** A program of the unit that somebody called: `templates/lab-bigip-client.pl` is at the other end. */
export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly pid: number;
  readonly cwd: string;
  /** Empty when it was not set. */
  readonly term: string;
  /** Whether its input is a terminal. */
  readonly terminal: boolean;
  readonly rows: number;
  readonly columns: number;
  readonly user: string;
  out(text: string): void;
  err(text: string): void;
  /** Bytes that were typed or piped in; nothing at their end. */
  read(): Promise<string | undefined>;
  /** Runs a program in the caller's place and answers with its exit code. */
  run(argv: readonly string[]): Promise<number>;
  /** The caller becomes another program; this call is over. */
  become(argv: readonly string[]): void;
  exit(code: number): void;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
}

/** Takes calls from one connection of the unit's socket. The frames are described in the client. */
export function serveCall(socket: Socket, handle: (call: Call) => void): void {
  let received = Buffer.alloc(0);
  const gone = new AbortController();
  const input = new Input(() => send('i', ''));
  const ended: ((code: number) => void)[] = [];
  socket.on('error', () => {});
  socket.on('close', () => {
    input.end();
    gone.abort();
  });
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 5 && received.length >= 5 + received.readUInt32BE(1)) {
      const end = 5 + received.readUInt32BE(1);
      const kind = String.fromCharCode(received[0] ?? 0);
      const bytes = received.subarray(5, end);
      received = received.subarray(end);
      if (kind === 'd') input.push(bytes.toString('latin1'));
      else if (kind === 'z') input.end();
      else if (kind === 'w') ended.shift()?.(bytes[0] ?? 0);
      else if (kind === 'h') handle(call(bytes.toString().split('\0')));
    }
  });

  const send = (kind: string, bytes: Buffer | string) => {
    if (socket.destroyed) return;
    const body = Buffer.from(bytes);
    const head = Buffer.alloc(5);
    head.write(kind, 'latin1');
    head.writeUInt32BE(body.length, 1);
    socket.write(Buffer.concat([head, body]));
  };

  function call([
    program = '',
    pid,
    cwd = '/',
    term = '',
    terminal,
    rows,
    columns,
    user = '',
    ...args
  ]: readonly string[]): Call {
    return {
      ...{ program, args, cwd, term, user, signal: gone.signal },
      pid: Number(pid),
      rows: Number(rows),
      columns: Number(columns),
      terminal: terminal === '1',
      out: (text) => send('o', text),
      err: (text) => send('e', text),
      read: () => input.read(),
      run: (argv) => {
        send('r', argv.join('\0'));
        return new Promise((resolve) => ended.push(resolve));
      },
      become: (argv) => send('c', argv.join('\0')),
      exit: (code) => send('x', Buffer.from([code])),
    };
  }
}

/** Chunks in the order they came, for one reader. */
class Input {
  readonly #chunks: string[] = [];
  readonly #ask: () => void;
  #ended = false;
  #waiting: (() => void) | undefined;

  /** `ask` makes the caller send its next bytes. */
  constructor(ask: () => void) {
    this.#ask = ask;
  }

  push(chunk: string): void {
    this.#chunks.push(chunk);
    this.#waiting?.();
  }

  end(): void {
    this.#ended = true;
    this.#waiting?.();
  }

  async read(): Promise<string | undefined> {
    if (this.#chunks.length === 0 && !this.#ended) this.#ask();
    while (this.#chunks.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.#chunks.shift();
  }
}
