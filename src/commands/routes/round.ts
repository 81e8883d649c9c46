import type { Event } from '../../core/events.ts';

/** What went wrong in a round of a watch, if the next may do better; and its run, where the log of that says nothing besides. */
export interface Round {
  readonly error?: unknown;
  readonly idle?: string;
}

/** What one run of a watch did. What went wrong is told of the round. */
export class Deeds {
  readonly #emit: (event: Event) => void;
  #any = false;

  constructor(emit: (event: Event) => void) {
    this.#emit = emit;
  }

  readonly hear = (event: Event): void => {
    if (!TOLD.has(event.type)) return;
    if (event.type !== 'warning') this.#any = true;
    this.#emit(event);
  };

  /** What the round of this run came to. One that did something before it failed is read about in its own log. */
  round(run: string, error: unknown): Round {
    return { error, ...(this.#any ? {} : { idle: run }) };
  }
}

const TOLD: ReadonlySet<Event['type']> = new Set(['step.applied', 'step.released', 'warning']);
