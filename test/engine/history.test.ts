import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPowerCut, type Wish, World } from '../helpers/world.ts';

const cells = (keys: string, values: string) =>
  fc.dictionary(fc.constantFrom(...keys.split(' ')), fc.constantFrom(...values.split(' ')));
const wish = fc.record(
  { m1: cells('a b c d', 'x y z'), u1: cells('a b c d', 'x y z'), u2: cells('a b', 'x y'), s1: cells('a b', 'x y') },
  { requiredKeys: [] },
);
const attempt = fc.record({ wish, cut: fc.option(fc.integer({ min: 0, max: 8 })), undo: fc.boolean() });

test('after any history of edits, rollbacks and power cuts: a whole run is so, and down restores what was there first', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ m1: cells('q r', 'x y'), u1: cells('a b q', 'x y z'), u2: cells('a q', 'x y') }),
      fc.array(attempt, { minLength: 1, maxLength: 6 }),
      async (initial, history) => {
        const world = new World(initial);
        const first = world.dump();
        for (const { wish, cut, undo } of history) {
          const act = undo && world.canRollBack() ? () => world.rollback(undefined, cut ?? undefined) : undefined;
          const run = act ?? (() => world.run(wish as Wish, cut ?? undefined));
          const whole = await run().then(
            () => true,
            (error: unknown) => {
              if (isPowerCut(error)) return false;
              throw error;
            },
          );
          if (whole && !act)
            for (const [place, wanted] of Object.entries(wish)) expect(world.dump()[place] ?? {}).toMatchObject(wanted);
        }
        await world.run({});
        expect(world.dump()).toEqual(first);
        expect(world.holdings()).toEqual([]);
        expect([undefined, '{}']).toContain(world.saved.get('s1'));
      },
    ),
    { numRuns: 300 },
  );
});

test('whatever we do, cells nobody wished for stay as they are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ attempt, theirs: cells('q r s', 'x y z') }), { maxLength: 6 }),
      async (history) => {
        const world = new World();
        const theirs: Record<string, string> = {};
        for (const { attempt, theirs: now } of history) {
          await world.run(attempt.wish as Wish, attempt.cut ?? undefined).catch((error: unknown) => {
            if (!isPowerCut(error)) throw error;
          });
          Object.assign(theirs, now);
          for (const [key, value] of Object.entries(now)) world.set('u1', key, value);
        }
        await world.run({});
        expect(world.dump()).toEqual(Object.keys(theirs).length > 0 ? { u1: theirs } : {});
      },
    ),
    { numRuns: 100 },
  );
});
