import { expect, test } from 'vitest';
import { differences } from '../../src/engine/plan-document.ts';
import { World } from '../helpers/world.ts';

const wish = { m1: { a: '1', b: '1' }, u1: { c: '1' } };
const counted = async (world: World, wanted: Parameters<World['document']>[0]) =>
  differences(await world.document(wanted));

test('what we made and somebody changed is drift, and a run repairs it for that reason', async () => {
  const world = new World();
  await world.run(wish);
  expect(await counted(world, wish)).toEqual({ drift: 0, pending: 0, foreign: 0, unreachable: 0 });
  world.places.get('m1')?.set('a', { value: 'changed', mark: 'ours' });
  world.places.get('u1')?.delete('c');
  expect(await counted(world, wish)).toEqual({ drift: 2, pending: 0, foreign: 0, unreachable: 0 });
  world.events.length = 0;
  await world.run(wish);
  expect(world.causes()).toEqual(['drift', 'drift']);
  expect(await counted(world, wish)).toEqual({ drift: 0, pending: 0, foreign: 0, unreachable: 0 });
});

test('what the file asks for, or no longer does, is pending', async () => {
  const world = new World();
  await world.run(wish);
  expect(await counted(world, { m1: { a: '1', b: '2', d: '1' }, u1: { c: '1' } })).toMatchObject({
    drift: 0,
    pending: 2,
  });
  expect(await counted(world, { m1: { a: '1', b: '1' } })).toMatchObject({ drift: 0, pending: 1 });
});

test('what a run that was cut off has not done is pending, not drift', async () => {
  const world = new World();
  await expect(world.run(wish, 1)).rejects.toThrow();
  expect(await counted(world, wish)).toMatchObject({ drift: 0, pending: 2, foreign: 0 });
});

test("somebody else's in our place is foreign", async () => {
  const world = new World({ m1: { a: 'theirs' } });
  expect(await counted(world, wish)).toEqual({ drift: 0, pending: 2, foreign: 1, unreachable: 0 });
});

test('a host that does not answer is counted once, whatever it has', async () => {
  const world = new World();
  world.dead.add('m1');
  expect(await counted(world, wish)).toEqual({ drift: 0, pending: 1, foreign: 0, unreachable: 1 });
});
