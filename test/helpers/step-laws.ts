import { isDeepStrictEqual as same } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Artifacts } from '../../src/core/artifacts.ts';
import type { StepFactory } from '../../src/core/define-step.ts';
import { type Owned, reconcile } from '../../src/core/reconcile.ts';
import type { ElementChange, Step } from '../../src/core/step.ts';
import { type FakeMachine, fakeContext, type Power, type Sent } from './fake-host.ts';

/** A fake world that a step acts on, as strict as the real one. */
export interface StepWorld {
  /** By host key. */
  readonly machines: Readonly<Record<string, FakeMachine>>;
  /** The fakes spend it: one for each change that the real thing makes whole. */
  readonly power: Power;
  /** What steps may ask for; nothing when left out. */
  readonly artifacts?: Artifacts;
  /** All that is in the world, as plain values, in an order that does not depend on its history. */
  dump(): unknown;
}

export interface LawCase<Place, Value> {
  readonly step: StepFactory<Place, Value>;
  readonly place: Place;
  /** The world as cpaas finds it, foreign things in it; a new one at each call. */
  world(): StepWorld;
  /** Wishes that may follow each other in any order, none in conflict with the world found. */
  readonly wishes: readonly (readonly (readonly [string, Value])[])[];
  /** What of the world is nobody's business here: must look the same after every run. */
  foreign?(world: StepWorld): unknown;
  /** Left out: whatever `write` sends is what `commands` printed. False: it holds a conversation or looks first. */
  readonly verbatim?: boolean;
  /** How many random histories to try; 40. */
  readonly histories?: number;
}

/** What every kind of step must obey (docs/architecture.md, "Step laws"), as tests. */
export function stepLaws<Place, Value>(name: string, law: LawCase<Place, Value>): void {
  const [first = []] = law.wishes;

  describe(`${name} obeys the laws of steps`, () => {
    test('place and values survive the journal', () => {
      const step = law.step(law.place, first);
      const revived = law.step.revive(JSON.parse(JSON.stringify(step.place)), step.want);
      expect(revived).toMatchObject({ id: step.id, title: step.title, host: step.host, want: step.want });
      expect(JSON.parse(JSON.stringify([...step.want]))).toEqual([...step.want]);
    });

    test('reading changes nothing', async () => {
      for (const wish of law.wishes) {
        const keeper = new Keeper(law);
        const before = keeper.world.dump();
        await keeper.look(wish);
        expect(keeper.sent).toEqual([]);
        expect(keeper.world.dump()).toEqual(before);
      }
    });

    test('writing nothing sends nothing', async () => {
      const keeper = new Keeper(law);
      const step = law.step(law.place, first);
      expect(step.commands([])).toEqual([]);
      await step.write(keeper.context(), []);
      expect(keeper.sent).toEqual([]);
    });

    test('what is written is read back equal, and a second run finds nothing to do', async () => {
      for (const wish of law.wishes) {
        const keeper = new Keeper(law);
        await keeper.run(wish);
        const { changes, kept, conflicts } = await keeper.look(wish);
        expect({ changes, kept, conflicts }).toEqual({ changes: [], kept: [], conflicts: [] });
      }
    });

    test('every change can be said in a line, and what disturbs says what dies', async () => {
      for (const wish of law.wishes) {
        const keeper = new Keeper(law);
        const { changes } = await keeper.look(wish);
        for (const change of [...changes, ...changes.map(reversed)]) {
          const step = law.step(law.place, wish);
          expect(step.describe(change)).toMatch(/^[^\n]+$/);
          const { risk, why } = step.risk(change);
          if (risk !== 'additive') expect(why).toMatch(/\w/);
        }
      }
    });

    if (law.verbatim !== false)
      test('plan prints exactly what is sent', async () => {
        const keeper = new Keeper(law);
        // what is never put back is not asked to be
        for (const wish of [...law.wishes, ...(law.step(law.place, []).undo === 'never' ? [] : [[]])]) {
          const step = law.step(law.place, wish);
          const { changes } = await keeper.look(wish);
          const closing = changes.length > 0 ? (step.close?.commands ?? []) : [];
          const printed = [...step.commands(changes), ...closing].map((command) => ({ host: step.host, ...command }));
          await keeper.run(wish);
          expect(keeper.sent.splice(0)).toEqual(printed);
        }
      });

    test('a write cut off anywhere and asked again ends the same', async () => {
      for (const wish of law.wishes) {
        const whole = new Keeper(law);
        await whole.run(wish);
        for (let cut = 0; ; cut++) {
          const keeper = new Keeper(law);
          const done = await keeper.run(wish, cut);
          await keeper.run(wish);
          expect(keeper.world.dump(), `cut after ${cut} changes`).toEqual(whole.world.dump());
          if (done) break;
        }
      }
    });

    const { undo } = law.step(law.place, []);
    if (undo === 'down')
      test('after any history of wishes and power cuts, down restores what was found', async () => {
        const attempt = fc.record({
          wish: fc.constantFrom(...law.wishes, []),
          cut: fc.option(fc.integer({ min: 0, max: 8 })),
        });
        await fc.assert(
          fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 5 }), async (history) => {
            const keeper = new Keeper(law);
            const found = keeper.world.dump();
            const foreign = law.foreign?.(keeper.world);
            for (const { wish, cut } of history) {
              await keeper.run(wish, cut ?? undefined);
              expect(law.foreign?.(keeper.world)).toEqual(foreign);
            }
            await keeper.run([]);
            expect(keeper.world.dump()).toEqual(found);
            expect([...keeper.owned.keys()]).toEqual([]);
          }),
          { numRuns: law.histories ?? 40 },
        );
      });
  });
}

const reversed = (change: ElementChange): ElementChange => ({ ...change, from: change.to, to: change.from });

/** The smallest engine there can be: one step, its ownership in memory, and a world whose power may fail. */
class Keeper<Place, Value> {
  readonly world: StepWorld;
  readonly owned = new Map<string, Owned>();
  readonly sent: Sent[] = [];
  readonly #law: LawCase<Place, Value>;
  #unclosed: { readonly before: unknown } | undefined;

  constructor(law: LawCase<Place, Value>) {
    this.#law = law;
    this.world = law.world();
  }

  context() {
    const { machines, power, artifacts } = this.world;
    return fakeContext(machines, { power, sent: this.sent, ...(artifacts ? { artifacts } : {}) });
  }

  async look(wish: LawCase<Place, Value>['wishes'][number]) {
    const step = this.#law.step(this.#law.place, wish);
    return reconcile(step, await this.#see(step), this.owned);
  }

  #see(step: Step) {
    return step.read(this.context(), new Set([...step.want.keys(), ...this.owned.keys()]));
  }

  /** As `up` would with this wish; false when the power failed on the way. */
  async run(wish: LawCase<Place, Value>['wishes'][number], changes?: number): Promise<boolean> {
    const { power } = this.world;
    power.supply(changes);
    try {
      await this.#converge(this.#law.step(this.#law.place, wish));
      return true;
    } catch (error) {
      if (!power.out) throw error;
      return false;
    } finally {
      power.supply();
    }
  }

  async #converge(step: Step): Promise<void> {
    const { changes, kept, conflicts, released } = reconcile(step, await this.#see(step), this.owned);
    if (conflicts.length > 0) throw new Error(`conflicts: ${JSON.stringify(conflicts)}`);
    for (const key of released) this.owned.delete(key);
    for (const change of kept) this.#intend(change);
    if (changes.length > 0) {
      this.#unclosed ??= { before: await step.close?.before(this.context()) };
      for (const change of changes) this.#intend(change);
      await step.write(this.context(), changes);
    }
    const left = reconcile(step, await this.#see(step), this.owned, { proves: true }).changes;
    if (left.length > 0) throw new Error(`not read back as written: ${JSON.stringify(left)}`);
    for (const { key } of [...kept, ...changes]) this.#settle(key);
    if (this.#unclosed) await step.close?.act(this.context(), [this.#unclosed.before]);
    this.#unclosed = undefined;
  }

  #intend({ key, before, to }: ElementChange): void {
    const mine = this.owned.get(key);
    this.owned.set(key, { before, meant: to, ours: [...(mine?.ours ?? []), to], settled: false });
  }

  #settle(key: string): void {
    const mine = this.owned.get(key);
    if (!mine || same(mine.meant, mine.before)) this.owned.delete(key);
    else this.owned.set(key, { ...mine, ours: [mine.meant], settled: true });
  }
}
