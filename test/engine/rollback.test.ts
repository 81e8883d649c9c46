import { expect, test } from 'vitest';
import { World } from '../helpers/world.ts';

test('rollback undoes the last run and leaves the ones before', async () => {
  const world = new World({ u1: { a: 'first' } });
  await world.run({ u1: { a: 'x', b: 'x' } });
  await world.run({ u1: { a: 'y', b: 'x', c: 'y' } });
  await world.rollback();
  expect(world.dump()).toEqual({ u1: { a: 'x', b: 'x' } });
  await world.run({});
  expect(world.dump()).toEqual({ u1: { a: 'first' } });
});

test('rollback of a run that removed something puts it there again, and it is ours', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x', b: 'x' } });
  await world.run({ u1: { a: 'x' } });
  await world.rollback();
  expect(world.dump()).toEqual({ u1: { a: 'x', b: 'x' } });
  await world.run({});
  expect(world.dump()).toEqual({});
});

test('a run that later runs built on is refused, and they are named', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' } });
  await world.run({ u1: { a: 'y' } });
  await expect(world.rollback('r1')).rejects.toMatchObject({
    code: 'ROLLBACK.BUILT_ON',
    message: expect.stringContaining('r2'),
  });
});

test('a rollback can be rolled back, by its name', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' } });
  await world.run({ u1: { a: 'y' } });
  await world.rollback();
  expect(world.dump()).toEqual({ u1: { a: 'x' } });
  await world.rollback('r3');
  expect(world.dump()).toEqual({ u1: { a: 'y' } });
});

test('one rollback after another goes back run by run, until none stands', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' } });
  await world.run({ u1: { a: 'y' } });
  await world.rollback();
  await world.rollback();
  expect(world.dump()).toEqual({});
  await expect(world.rollback()).rejects.toMatchObject({ code: 'ROLLBACK.NO_RUN' });
});

test('what a run found as wanted and changed nothing of is not touched by its rollback', async () => {
  const world = new World({ u1: { a: 'x' } });
  await world.run({ u1: { a: 'x', b: 'x' } });
  await world.rollback();
  expect(world.dump()).toEqual({ u1: { a: 'x' } });
});

test('there is nothing to roll back where no run changed anything', async () => {
  const world = new World();
  await expect(world.rollback()).rejects.toMatchObject({ code: 'ROLLBACK.NO_RUN' });
});
