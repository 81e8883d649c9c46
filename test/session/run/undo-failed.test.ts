import { expect, test } from 'vitest';
import { flatten } from '../../../src/core/errors.ts';
import { undoFailed } from '../../../src/session/run/undo-failed.ts';
import { World } from '../../helpers/world.ts';

const u1 = { password: 'there', b: 'x' };

/** What comes of a run of that name that failed and is undone. */
async function undone(world: World, run: string): Promise<readonly unknown[]> {
  const { engine } = world;
  const { journal } = engine;
  const beginUndo = () => {
    journal.end('failed');
    journal.begin({ run: 'undo', command: 'rollback', user: 'u', machine: 'm', undoes: run });
  };
  return flatten(await undoFailed({ engine, name: 'world', run, beginUndo }, new Error('broken')));
}

/** Fails before a run's change of that number. */
async function failing(world: World, wish: Parameters<World['run']>[0], changes: number): Promise<void> {
  let left = changes;
  world.meanwhile = () => {
    if (left-- === 0) throw new Error('broken');
  };
  await expect(world.run(wish)).rejects.toThrow();
  world.meanwhile = () => {};
}

test('a failed run that wrote a password anew, since another was cut off, is undone but for that, which is said', async () => {
  const world = new World();
  await expect(world.run({ u1 }, 1)).rejects.toThrow();
  await failing(world, { u1, u2: { a: 'x' } }, 2);
  expect(await undone(world, 'r2')).toMatchObject([
    { message: 'broken' },
    { code: 'ROLLBACK.PASSWORD', evidence: [{ label: 'u1', text: 'password' }] },
  ]);
  expect(world.dump()).toEqual({ u1: { password: 'there' } });
});

test('one that did not is told alone', async () => {
  const world = new World();
  await failing(world, { u1, u2: { a: 'x' } }, 2);
  expect(await undone(world, 'r1')).toMatchObject([{ message: 'broken' }]);
  expect(world.dump()).toEqual({});
});
