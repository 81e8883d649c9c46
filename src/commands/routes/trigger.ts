/** Milliseconds: what changes together is looked at together, and a cluster in uproar no more often than this. */
const GAP = 500;

/** Calls for something to be done again. However many come meanwhile, they are one. */
export class Bell {
  #rung = false;
  #hear = (): void => {};

  readonly ring = (): void => {
    this.#rung = true;
    this.#hear();
  };

  /** Once for each time it was rung, or was rung again and again, until the signal. */
  async *rings(
    signal: AbortSignal,
    pause: (milliseconds: number, signal: AbortSignal) => Promise<unknown>,
  ): AsyncGenerator<void> {
    const wake = (): void => this.#hear();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        if (this.#rung) {
          await pause(GAP, signal);
          this.#rung = false;
          yield;
        } else
          await new Promise<void>((resolve) => {
            this.#hear = resolve;
          });
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }
}
