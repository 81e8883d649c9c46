import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distance, nearest } from '../../src/config/spelling.ts';

test.each([
  ['', '', 0],
  ['nodes', 'nodes', 0],
  ['nodse', 'nodes', 1],
  ['adress', 'address', 1],
  ['netwrok', 'network', 1],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
])('%j and %j are %d letters apart', (one, other, letters) => {
  expect(distance(one, other)).toBe(letters);
});

test('the distance is the same both ways and never more than the longer word', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(distance(one, other)).toBe(distance(other, one));
      expect(distance(one, other)).toBeLessThanOrEqual(Math.max(one.length, other.length));
      expect(distance(one, one)).toBe(0);
    }),
  );
});

test('a word that is near to none gets no suggestion', () => {
  const words = ['provider', 'network', 'calico', 'bgp', 'routers'];
  expect(nearest('router', words)).toBe('routers');
  expect(nearest('BGP', words)).toBe('bgp');
  expect(nearest('replicas', words)).toBeUndefined();
  expect(nearest('x', words)).toBeUndefined();
});
