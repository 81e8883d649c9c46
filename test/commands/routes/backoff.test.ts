import { expect, test } from 'vitest';
import { Backoff } from '../../../src/commands/routes/backoff.ts';

test('what stays wrong is told once, and waited for longer each time, up to a minute', () => {
  const backoff = new Backoff();
  const told = Array.from({ length: 8 }, () => [backoff.note('a conflict'), backoff.delay / 1000]);
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
  const backoff = new Backoff();
  const notes = ['a', 'a', 'b', undefined, undefined, 'b'].map((what) => [backoff.note(what), backoff.delay]);
  expect(notes).toEqual([
    [true, 2000],
    [false, 4000],
    [true, 2000],
    [false, 2000],
    [false, 4000],
    [true, 2000],
  ]);
});
