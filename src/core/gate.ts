import type { NextAction } from './errors.ts';
import type { Facts } from './facts.ts';

/** Something to wait for: nodes Ready, routes learned. Looks at state, never at log text. */
export interface Gate {
  readonly title: string;
  /** Milliseconds. */
  readonly deadline: number;
  /** What shows more, for the person who has waited in vain. */
  readonly next?: readonly NextAction[];
  /** Nothing when it holds; otherwise what was seen instead, for the person who waits. It is asked again with facts that are read anew. */
  missing(facts: Facts): Promise<string | undefined>;
  /** Reads the facts that `missing` goes by, all at once. Asked beside the survey where the gate is most likely open. */
  ahead?(facts: Facts): Promise<unknown>;
  /** Nodes that it is open without, by name: they are down. Asked once it is open, with what is known then. */
  leftOut?(facts: Facts): Promise<readonly string[]>;
}
