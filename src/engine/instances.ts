import type { HeldPlace } from '../core/journal.ts';
import type { Container, Seen } from '../core/step.ts';

/** Which containers stand where places are, by element, as they were last seen. What cannot be told apart is not in it. */
export class Instances {
  readonly #seen = new Map<string, string>();

  /** What a look at the place of containers showed of those it had asked about, or saw. */
  note(step: string, asked: Iterable<string>, seen: ReadonlyMap<string, Seen>): void {
    for (const key of asked) this.#seen.delete(elementId({ step, key }));
    for (const [key, { instance }] of seen)
      if (instance !== undefined) this.#seen.set(elementId({ step, key }), instance);
  }

  of(container: Container): string | undefined {
    return this.#seen.get(elementId(container));
  }

  /**
   * Whether a place stood in a container that is no more, although one of the same name is there: somebody took it down and made it
   * again. Nothing of ours is in that one, and what the old one had before us is not to come into it.
   */
  wasElsewhere({ within }: Pick<HeldPlace, 'within'>): boolean {
    if (within?.instance === undefined) return false;
    const now = this.of(within);
    return now !== undefined && now !== within.instance;
  }
}

const elementId = ({ step, key }: Container): string => `${step}\n${key}`;
