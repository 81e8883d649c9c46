import type { Duplex, Readable } from 'node:stream';
import type { Content } from './artifacts.ts';
import type { ReadCommand } from './reading.ts';

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** A program that was started, here or elsewhere. */
export interface Running {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Its exit code, when it has ended and nothing more will come from either stream. Rejects when that cannot be known any more. */
  readonly ended: Promise<number>;
  /** Ends it, as far as that is possible from here, and makes its streams end. */
  kill(): void;
}

export interface ExecOptions {
  readonly stdin?: string | Content;
  /** Milliseconds until the command is given up with `HOST.TIMEOUT`. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/**
 * The one thing a way of reaching machines must offer: run one argv there. `transport/` implements it for this machine, network
 * namespaces and SSH; sudo, redaction and recording are decorators around it; `Transport` is built on it once for all.
 */
export interface Connection {
  /** What people call the machine. */
  readonly name: string;
  /**
   * Runs a command and resolves with whatever it ended with; a program that is not there ends with 127. Rejects with
   * `HOST.UNREACHABLE`, `HOST.AUTH`, `HOST.KEY_UNKNOWN`, `HOST.KEY_CHANGED`, `HOST.KEY_REVOKED`, `HOST.TIMEOUT`, `HOST.OUTPUT` (more than
   * anybody meant to read), or with the reason of an aborted signal.
   */
  exec(argv: readonly string[], options?: ExecOptions): Promise<Output>;
  /** Several commands, one after another, in one round trip. Where it is left out, `exec` of a script does the same. */
  execAll?(commands: readonly (readonly string[])[], options?: Omit<ExecOptions, 'stdin'>): Promise<readonly Output[]>;
  /** Starts a command that goes on until it is killed. It has nothing to read. Rejects as `exec` does. */
  start(argv: readonly string[]): Promise<Running>;
  /** A conversation with a program that believes it is on a terminal: bytes in, bytes out, `end` when it leaves. */
  open(argv: readonly string[]): Promise<Duplex>;
  /**
   * How a command is put to whoever answers there, as far as that was met before; nothing where it cannot be run there. Left out where
   * every command goes as it is.
   */
  put?(argv: readonly string[]): readonly string[] | undefined;
  /** What tells this machine from every other, where the connection itself shows it (a host key's fingerprint). */
  identity?(): Promise<string>;
  close(): Promise<void>;
}

/** The read-only half of a machine. It takes only commands that `reading` has let through. */
export interface Query {
  readonly name: string;
  readonly put?: Connection['put'];
  /** Rejects with `HOST.COMMAND` unless the command ends with 0 or one of its `codes`: an answer that failed is no answer. */
  query(command: ReadCommand): Promise<Output>;
  /** Several questions in one round trip, answered in their order. */
  queryAll(commands: readonly ReadCommand[]): Promise<readonly Output[]>;
  /** The content of a text file; nothing when there is none. */
  read(path: string): Promise<string | undefined>;
  /**
   * The lines of a command that goes on, as they come, until it ends, `signal` is aborted, or nobody asks for more. Rejects as `query`
   * does; with `HOST.OUTPUT` when a line is longer than anybody meant to read.
   */
  follow(command: ReadCommand, signal: AbortSignal): AsyncIterable<string>;
}

export interface RunOptions {
  readonly stdin?: string;
  /** Exit codes besides 0 that are no failure. */
  readonly codes?: readonly number[];
  readonly timeout?: number;
}

/** A machine that may be changed. Only `write` and `close` of a step are given one. */
export interface Transport extends Query {
  /** Rejects with `HOST.COMMAND` unless the command ends with 0 or one of `codes`. */
  run(argv: readonly string[], options?: RunOptions): Promise<Output>;
  /**
   * Replaces a file whole, or not at all. `mode` is octal, as for chmod; 0644 when left out. What is not text is streamed, with a deadline
   * by its size.
   */
  write(path: string, content: string | Content, options?: { readonly mode?: number }): Promise<void>;
  open(argv: readonly string[]): Promise<Duplex>;
}
