import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CpaasError, flatten } from '../../src/core/errors.ts';
import { isPowerCut, type Wish, World } from '../helpers/world.ts';

/** What may stand in a cell once we have given everything back; nothing is `undefined`. */
interface Expected {
  readonly allowed: ReadonlySet<string | undefined>;
  /** Whether one of our runs was about it: a run that was not must leave it alone. */
  readonly touched: boolean;
  /** What somebody else has put there since our last run: that stays, whatever it is. */
  readonly theirs?: { readonly value: string | undefined };
}

/** What we know of the world without looking: who did what, in this order. */
interface Model {
  readonly cells: Map<string, Expected>;
  /** Places where somebody else did something and did not save it, or which were given up with a save still to be done. */
  readonly unsaved: Set<string>;
}

const PLACES = ['m1', 'u1', 'u2', 's1'] as const;
const KEYS = ['a', 'b', 'c'] as const;
const initial = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom('i', 'x'));
const world = fc.record({ u1: initial, u2: initial, s1: initial });
const wish = fc.dictionary(
  fc.constantFrom(...PLACES),
  fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom('x', 'y', 'z')),
);
const crash = fc.option(fc.nat({ max: 24 }), { nil: undefined });
const id = (place: string, key: string): string => `${place}/${key}`;
const standsIn = (dump: Wish, cell: string): string | undefined => {
  const [place = '', key = ''] = cell.split('/');
  return dump[place]?.[key];
};

const expected = (model: Model, cell: string): Expected =>
  model.cells.get(cell) ?? { allowed: new Set([undefined]), touched: false };

/** A run was about these cells. */
function touch(model: Model, wanted: Wish, more: readonly (string | undefined)[] = []): void {
  for (const [place, cells] of Object.entries(wanted))
    for (const key of Object.keys(cells)) {
      const { allowed } = expected(model, id(place, key));
      model.cells.set(id(place, key), { allowed: new Set([...allowed, ...more]), touched: true });
    }
  // what is no longer wanted is undone by any run, and what others did since is then settled
  for (const [cell, { theirs: _, ...rest }] of model.cells) model.cells.set(cell, rest);
}

/** Runs something that may be cut off, or be refused before anything was changed. Returns whether it came to its end. */
async function attempt(real: World, after: number | undefined, run: () => Promise<unknown>): Promise<boolean> {
  const before = real.dump();
  real.boundaries = after ?? Number.POSITIVE_INFINITY;
  try {
    await run();
    return true;
  } catch (error) {
    if (isPowerCut(error)) return false;
    const codes = flatten(error).map((each) => (each instanceof CpaasError ? each.code : String(each)));
    expect(codes).toEqual(codes.map(() => expect.stringMatching(/^(STEP\.CONFLICT|ROLLBACK\.(NO_RUN|BUILT_ON))$/)));
    expect(real.dump()).toEqual(before);
    return false;
  } finally {
    real.boundaries = Number.POSITIVE_INFINITY;
  }
}

/** Cells that no run of ours was ever about are as others left them. */
function untouched(model: Model, real: World): void {
  const dump = real.dump();
  for (const [cell, { allowed, touched }] of model.cells)
    if (!touched) expect({ cell, value: standsIn(dump, cell) }).toEqual({ cell, value: [...allowed][0] });
}

type Act = fc.AsyncCommand<Model, World>;
const act = (name: string, run: Act['run']): Act => ({ check: () => true, run, toString: () => name });
const cutOff = (after: number | undefined): string =>
  after === undefined ? '' : `, cut off after ${after} boundaries`;

const up = (wanted: Wish, adopt: boolean, after: number | undefined): Act =>
  act(`up ${JSON.stringify(wanted)}${adopt ? ' --adopt' : ''}${cutOff(after)}`, async (model, real) => {
    touch(model, wanted, adopt ? [undefined] : []);
    const whole = await attempt(real, after, () => real.run(wanted, undefined, { adopt }));
    if (whole)
      for (const [place, cells] of Object.entries(wanted)) expect(real.dump()[place] ?? {}).toMatchObject(cells);
    untouched(model, real);
  });

const rollback = (number: number | undefined, after: number | undefined): Act =>
  act(`rollback ${number ?? ''}${cutOff(after)}`, async (model, real) => {
    touch(model, {});
    const runs = real.runs().map(({ run }) => run);
    const name = number === undefined ? undefined : runs[number % Math.max(1, runs.length)];
    await attempt(real, after, () => real.rollback(name));
    untouched(model, real);
  });

const foreign = (place: string, key: string, value: string | undefined): Act =>
  act(`somebody makes ${id(place, key)} ${value}`, async (model, real) => {
    if (value === undefined) real.places.get(place)?.delete(key);
    else real.set(place, key, value);
    const { allowed, touched } = expected(model, id(place, key));
    model.unsaved.add(place);
    model.cells.set(id(place, key), {
      allowed: touched ? new Set([...allowed, value]) : new Set([value]),
      touched,
      theirs: { value },
    });
  });

const forget = (place: string): Act =>
  act(`forget ${place}`, async (model, real) => {
    await real.forget(place);
    model.unsaved.add(place);
    const dump = real.dump();
    for (const key of KEYS) {
      const cell = id(place, key);
      const { allowed, touched } = expected(model, cell);
      // as it is, it is nobody's, unless it bears our mark; a rollback may still be about it
      const marked = real.places.get(place)?.get(key)?.mark === 'ours';
      model.cells.set(cell, { allowed: new Set([standsIn(dump, cell), ...(marked ? allowed : [])]), touched });
    }
  });

test('any history of edits, runs, crashes, foreign changes, rollbacks, adopting and forgetting ends in the first state', async () => {
  const maybe = <T>(what: fc.Arbitrary<T>) => fc.option(what, { nil: undefined });
  const commands = fc.commands(
    [
      fc.tuple(wish, fc.boolean(), crash).map(([wanted, adopt, after]) => up(wanted as Wish, adopt, after)),
      fc.tuple(wish, crash).map(([wanted, after]) => up(wanted as Wish, false, after)),
      fc.tuple(maybe(fc.nat({ max: 9 })), crash).map(([run, after]) => rollback(run, after)),
      fc
        .tuple(fc.constantFrom(...PLACES), fc.constantFrom(...KEYS), maybe(fc.constantFrom('p', 'q')))
        .map(([place, key, value]) => foreign(place, key, value)),
      fc.constantFrom(...PLACES).map(forget),
    ],
    { maxCommands: 12 },
  );
  await fc.assert(
    fc.asyncProperty(world, commands, async (first, history) => {
      const real = new World(first as Wish);
      const model: Model = { cells: new Map(), unsaved: new Set() };
      for (const place of PLACES)
        for (const key of KEYS)
          model.cells.set(id(place, key), {
            allowed: new Set([(first as Wish)[place]?.[key]]),
            touched: false,
          });
      await fc.asyncModelRun(() => ({ model, real }), history);
      await real.run({});
      const dump = real.dump();
      for (const [cell, { allowed, theirs }] of model.cells) {
        const value = standsIn(dump, cell);
        const good = theirs ? [theirs.value] : [...allowed];
        expect({ cell, value, good: good.includes(value) }).toEqual({ cell, value, good: true });
      }
      expect(real.holdings()).toEqual([]);
      if (!model.unsaved.has('s1'))
        expect([undefined, JSON.stringify(dump['s1'] ?? {})]).toContain(real.saved.get('s1'));
    }),
    { numRuns: 150 },
  );
});
