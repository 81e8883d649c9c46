import type { Artifacts } from './artifacts.ts';
import type { SecretRef } from './secret.ts';
import type { Query, Transport } from './transport.ts';

/** What looking needs. Hosts are named by their key in the host table. */
export interface Reader {
  host(key: string): Query;
  /**
   * What makes this machine itself, whatever the file calls it and wherever it answers: asked once, then remembered in the state,
   * so that a dead unit keeps its identity.
   */
  identity(key: string): Promise<string>;
  /** Programs, manifests and images. To ask for one may fetch it into the user's cache; it changes no host. */
  readonly artifacts: Artifacts;
  readonly signal: AbortSignal;
}

/** What changing needs. Only `write` and `close` of a step are given one. */
export interface Writer extends Reader {
  host(key: string): Transport;
  secret(ref: SecretRef): Promise<string>;
  /** Whether this run takes away what a step has made. What stands with it goes, too, and need not agree to lose a part before. */
  isGoing(step: string): boolean;
  /** Says how far a long write is: `6 of 9 lines`. */
  progress(text: string): void;
}
