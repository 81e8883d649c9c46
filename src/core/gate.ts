import type { Reader } from './context.ts';

/** Something to wait for: nodes Ready, routes learned. Looks at state, never at log text. */
export interface Gate {
  readonly title: string;
  /** Milliseconds. */
  readonly deadline: number;
  /** Nothing when it holds; otherwise what was seen instead, for the person who waits. */
  missing(ctx: Reader): Promise<string | undefined>;
}
