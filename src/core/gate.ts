import type { Reader } from './context.ts';
import type { NextAction } from './errors.ts';

/** Something to wait for: nodes Ready, routes learned. Looks at state, never at log text. */
export interface Gate {
  readonly title: string;
  /** Milliseconds. */
  readonly deadline: number;
  /** What shows more, for the person who has waited in vain. */
  readonly next?: readonly NextAction[];
  /** Nothing when it holds; otherwise what was seen instead, for the person who waits. */
  missing(ctx: Reader): Promise<string | undefined>;
}
