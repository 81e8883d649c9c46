import { describe, expect, test } from 'vitest';
import { World } from '../helpers/world.ts';

const WISH = { box: { box: 'b' }, 'u-in-box': { a: 'x' } };

describe('a container that somebody took down and made again', () => {
  const remade = async (inside: Readonly<Record<string, string>>): Promise<World> => {
    const world = new World({ box: { box: 'b' }, 'u-in-box': { a: 'old' } });
    await world.run(WISH);
    world.remakeBox(inside);
    return world;
  };

  test('is filled anew by up, and down gives it back as it was made, not as the old one had been', async () => {
    const world = await remade({});
    expect(await world.run(WISH)).toBe('applied');
    expect(world.causes().at(-1)).toBe('wanted');
    expect(world.dump()['u-in-box']).toEqual({ a: 'x' });
    expect(await world.run({})).toBe('applied');
    expect(world.dump()).toEqual({ box: { box: 'b' } });
    expect(world.holdings()).toEqual([]);
  });

  test('keeps with down what somebody made in it, also where it looks like ours', async () => {
    const world = await remade({ a: 'x' });
    expect(await world.run({})).toBe('applied');
    expect(world.dump()['u-in-box']).toEqual({ a: 'x' });
    expect(world.events.filter(({ type }) => type === 'step.released')).toMatchObject([
      { keys: ['a'], why: 'gone with what it stood in' },
    ]);
    expect(world.holdings()).toEqual([]);
  });

  test('keeps with a rollback what somebody made in it, too', async () => {
    const world = await remade({ a: 'x' });
    await world.rollback();
    expect(world.dump()['u-in-box']).toEqual({ a: 'x' });
  });
});
