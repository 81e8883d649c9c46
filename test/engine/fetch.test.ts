import { expect, test } from 'vitest';
import { CpaasError } from '../../src/core/errors.ts';
import { phase, phaseFrom } from '../../src/core/plan.ts';
import { converge } from '../../src/engine/converge.ts';
import { onlyNamed } from '../../src/engine/only.ts';
import { World } from '../helpers/world.ts';

const gone = new CpaasError('ARTIFACT.UNREACHABLE', 'the mirror is gone');
const wish = { m1: { r1: 'a' }, m2: { r1: 'a' } };

test('what the last phase needs is fetched before the first one changes anything', async () => {
  const world = new World();
  world.fetching = (place) => {
    if (place === 'm2') throw gone;
  };
  await expect(world.run(wish)).rejects.toBe(gone);
  expect([world.dump(), world.holdings()]).toEqual([{}, []]);
});

test('nothing is fetched for what stands, nor for what goes, nor for what is not asked for', async () => {
  const world = new World();
  await world.run(wish);
  const fetched: string[] = [];
  world.fetching = (place) => void fetched.push(place);
  await world.run(wish);
  await world.run({ m1: { r1: 'a' } });
  expect(fetched).toEqual([]);
  await world.run({ m1: { r1: 'b' }, m3: { r1: 'a' } }, undefined, { only: onlyNamed('m3') });
  expect(fetched).toEqual(['m3']);
});

test('a host that went away since it was looked at is told where it is changed', async () => {
  const world = new World();
  world.fetching = (place) => {
    if (place === 'm2') throw new CpaasError('HOST.UNREACHABLE', 'm2 does not answer');
  };
  await world.run(wish);
  expect(world.dump()).toEqual(wish);
});

test('of a phase that is known later, what it may need comes first, too', async () => {
  const world = new World();
  const plan = world.plan({ m1: { r1: 'a' } });
  const fetched: string[] = [];
  const [first] = plan.phases;
  const later = phaseFrom('later', 5, ['cells'], async () => [], {
    needs: [first?.name ?? ''],
    fetch: async () => void fetched.push(`later, with ${JSON.stringify(world.dump())}`),
  });
  const agreed = { consent: async () => true, leftovers: true, gates: true };
  const run = () => converge({ ...plan, phases: [...plan.phases, later] }, world.engine, agreed);
  world.engine.journal.begin({ run: 'r', command: 'up', user: 'u', machine: 'm' });
  await run();
  expect(fetched).toEqual(['later, with {}']);
  await run();
  expect(fetched).toHaveLength(1);
});

/** A phase that begins on two hosts. */
const runOnBoth = (world: World) => {
  const steps = ['m1', 'm2'].map((place) => world.kind({ place }, [['r1', 'a']]));
  world.engine.journal.begin({ run: 'r', command: 'up', user: 'u', machine: 'm' });
  const agreed = { consent: async () => true, leftovers: true, gates: true };
  return converge({ name: 'world', phases: [phase('Hosts', 1, steps)] }, world.engine, agreed);
};

test('hosts of one phase do not wait for each other', async () => {
  const world = new World();
  let others = () => {};
  const both = new Promise<void>((resolve) => {
    others = resolve;
  });
  world.fetching = (place) => {
    if (place === 'm2') others();
    return both;
  };
  await runOnBoth(world);
  expect(world.dump()).toEqual(wish);
});

test('what fails for several hosts is told once', async () => {
  const world = new World();
  world.fetching = () => Promise.reject(gone);
  await expect(runOnBoth(world)).rejects.toBe(gone);
  expect(world.dump()).toEqual({});
});
