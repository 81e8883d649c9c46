import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAsdot, isReservedAsn, MAX_AS_NUMBER, parseAsn } from '../../src/net/asn.ts';

test.each([
  [64512, 64512],
  ['64512', 64512],
  ['1.10', 65546],
  ['0.64512', 64512],
  ['65535.65535', MAX_AS_NUMBER],
  [1, 1],
])('%j is AS %d', (input, asn) => {
  expect(parseAsn(input)).toBe(asn);
});

test.each([
  0,
  -1,
  1.1,
  Number.NaN,
  MAX_AS_NUMBER + 1,
  '0',
  '0.0',
  '',
  'AS64512',
  '1.65536',
  '1.',
  '1.2.3',
  '064512',
  '1e3',
  ' 1',
])('%j is none', (input) => {
  expect(parseAsn(input)).toBeUndefined();
});

test('both notations of a number are the same number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: MAX_AS_NUMBER }), (asn) => {
      expect(parseAsn(`${asn}`)).toBe(asn);
      expect(parseAsn(formatAsdot(asn))).toBe(asn);
    }),
  );
});

test('the numbers that standards set aside are known', () => {
  expect([23456, 65535, MAX_AS_NUMBER, 64512].map(isReservedAsn)).toEqual([true, true, true, false]);
});
