import { expect, test } from 'vitest';
import { parseBgpTable } from '../../../src/facts/bigip/routes.ts';
import { leadsToOwner } from '../../../src/providers/join/way-to-owner.ts';

const nodes = new Set(['172.19.0.2', '172.19.0.3']);
const leads = (...rows: readonly string[]): boolean => {
  const table = parseBgpTable(
    ['   Network          Next Hop            Metric     LocPrf     Weight Path', ...rows, ''].join('\n'),
  );
  return leadsToOwner('172.19.0.2', table[0]?.paths ?? [], (address) => nodes.has(address));
};
const row = (codes: string, via: string, network = ''): string => `${codes}${network.padEnd(17)} ${via}  0  100  0 i`;
const BLOCK = '10.53.208.64/26';

test('a block is learned when its owner tells it and the router goes that way', () => {
  expect(leads(row('*>i', '172.19.0.2', BLOCK))).toBe(true);
  expect(leads()).toBe(false);
  expect(leads(row('*>i', '172.19.0.3', BLOCK))).toBe(false);
  expect(leads(row('*>i', '172.19.0.3', BLOCK), row('* i', '172.19.0.2'))).toBe(false);
});

test('a remainder of the owner’s own session does not count', () => {
  expect(leads(row('S>i', '172.19.0.2', BLOCK))).toBe(false);
});

test('what graceful restart keeps of a node that is none any more goes with its neighbor', () => {
  expect(leads(row('S>i', '172.19.0.5', BLOCK), row('* i', '172.19.0.2'))).toBe(true);
  // nobody else has told it, it is no remainder, or its node is one still: that is no matter of a neighbor that goes
  expect(leads(row('S>i', '172.19.0.5', BLOCK))).toBe(false);
  expect(leads(row('*>i', '172.19.0.5', BLOCK), row('* i', '172.19.0.2'))).toBe(false);
  expect(leads(row('S>i', '172.19.0.3', BLOCK), row('* i', '172.19.0.2'))).toBe(false);
});
