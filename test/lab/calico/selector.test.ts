import { expect, test } from 'vitest';
import { parseSelector } from '../../../src/lab/calico/selector.ts';

const rack = { rack: 'r1', role: 'gateway', 'kubernetes.io/hostname': 'n1' };

test.for([
  ['all()', true],
  ['', true],
  ['has(rack)', true],
  ['!has(rack)', false],
  ["rack == 'r1'", true],
  ['rack != "r1"', false],
  ["missing != 'r1'", true],
  ["rack in {'r1', 'r2'}", true],
  ["rack not in {'r1'}", false],
  ["missing not in {'r1'}", true],
  ["kubernetes.io/hostname starts with 'n'", true],
  ["role contains 'tew'", true],
  ["role ends with 'x'", false],
  ["rack == 'r2' || role == 'gateway' && has(rack)", true],
  ["(rack == 'r2' || role == 'gateway') && !has(rack)", false],
] as const)('%s matches: %s', ([selector, matches]) => {
  expect(parseSelector(selector)(rack)).toBe(matches);
});

test.for(['rack ==', "rack = 'r1'", 'rack == r1', 'has(rack', "rack in {'a'", '&&', "rack == 'a' extra"])(
  '%s is refused',
  (selector) => {
    expect(() => parseSelector(selector)).toThrow(SyntaxError);
  },
);
