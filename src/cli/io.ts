import type { Readable, Writable } from 'node:stream';

/** The outside of the program, so that tests can be another one. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** The first Ctrl-C: no new step starts, the running ones finish. */
  readonly interrupted: AbortSignal;
  /** The second: nothing is waited for. */
  readonly killed: AbortSignal;
}
