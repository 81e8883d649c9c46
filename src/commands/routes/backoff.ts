/** Milliseconds. */
const SOON = 2000;
const LATE = 60_000;

/** What goes wrong again and again: it is told once, and tried less and less often. */
export class Trouble {
  #last: string | undefined;
  #wait = SOON;

  /** Takes note of what is wrong now, if anything. Returns whether that is news. */
  note(what: string | undefined): boolean {
    const news = what !== this.#last;
    this.#wait = news ? SOON : Math.min(this.#wait * 2, LATE);
    this.#last = what;
    return news && what !== undefined;
  }

  /** Milliseconds until it may be tried again by itself. */
  get wait(): number {
    return this.#wait;
  }
}
