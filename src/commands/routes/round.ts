import type { Event } from '../../core/events.ts';

/** How a round of a watch ended: its failure, if the next may do better; and its run in `idle`, where the log of that says nothing besides. */
export interface RoundResult {
  readonly error?: unknown;
  readonly idle?: string;
}

/** Passes on what one run of a watch did. Its failure is told of the round, so once. */
export class RoundListener {
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
  result(run: string, error: unknown): RoundResult {
    return { error, ...(this.#any ? {} : { idle: run }) };
  }
}

const TOLD: ReadonlySet<Event['type']> = new Set(['step.applied', 'step.released', 'warning']);
