import type { Reader } from './context.ts';

/** Something true of the world now, such as the pod blocks of every node. `facts/` has one file for each. */
export interface Fact<T> {
  /** What it is about, and of which place: two facts of one name are the same question. */
  readonly name: string;
  read(ctx: Reader, facts: Facts): Promise<T>;
}

/** Reads each fact once, until something changes. */
export class Facts {
  readonly ctx: Reader;
  readonly #known = new Map<string, Promise<unknown>>();

  constructor(ctx: Reader) {
    this.ctx = ctx;
  }

  get<T>(fact: Fact<T>): Promise<T> {
    const known = this.#known.get(fact.name) ?? fact.read(this.ctx, this);
    this.#known.set(fact.name, known);
    return known as Promise<T>;
  }

  /** The engine calls this when something was changed: what we knew may no longer be so. */
  forget(): void {
    this.#known.clear();
  }
}
