/** Milliseconds. */
const FIRST = 2000;
const LONGEST = 60_000;

/** What goes wrong again and again: it is told once, and tried less and less often. */
export class Backoff {
  #last: string | undefined;
  #wait = FIRST;

  /** Takes note of what is wrong now, if anything. Returns whether that is news. */
  note(what: string | undefined): boolean {
    const news = what !== this.#last;
    this.#wait = news ? FIRST : Math.min(this.#wait * 2, LONGEST);
    this.#last = what;
    return news && what !== undefined;
  }

  /** Milliseconds until it may be tried again by itself. */
  get delay(): number {
    return this.#wait;
  }
}
