import { expect, test } from 'vitest';
import { Trouble } from '../../../src/commands/routes/backoff.ts';

test('what stays wrong is told once, and waited for longer each time, up to a minute', () => {
  const trouble = new Trouble();
  const told = Array.from({ length: 8 }, () => [trouble.note('a conflict'), trouble.wait / 1000]);
  expect(told).toEqual([
    [true, 2],
    [false, 4],
    [false, 8],
    [false, 16],
    [false, 32],
    [false, 60],
    [false, 60],
    [false, 60],
  ]);
});

test('something else that is wrong, and the same once more after all was well, is news', () => {
  const trouble = new Trouble();
  const notes = ['a', 'a', 'b', undefined, undefined, 'b'].map((what) => [trouble.note(what), trouble.wait]);
  expect(notes).toEqual([
    [true, 2000],
    [false, 4000],
    [true, 2000],
    [false, 2000],
    [false, 4000],
    [true, 2000],
  ]);
});
