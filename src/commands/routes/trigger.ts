/** Milliseconds: what changes together is looked at together, and a cluster in uproar no more often than this. */
const GAP = 500;

/** Calls for a round of work. However many come while one waits or works, they make one more. */
export class Trigger {
  #fired = false;
  #wake = (): void => {};

  readonly fire = (): void => {
    this.#fired = true;
    this.#wake();
  };

  /** Yields once for each firing, or for a burst of them, until the signal. */
  async *firings(
    signal: AbortSignal,
    pause: (milliseconds: number, signal: AbortSignal) => Promise<unknown>,
  ): AsyncGenerator<void> {
    const end = (): void => this.#wake();
    signal.addEventListener('abort', end);
    try {
      while (!signal.aborted) {
        if (this.#fired) {
          await pause(GAP, signal);
          this.#fired = false;
          yield;
        } else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      signal.removeEventListener('abort', end);
    }
  }
}
