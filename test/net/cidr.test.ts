import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressCount,
  blockCount,
  blocks,
  compareAddresses,
  contains,
  formatAddress,
  formatNetwork,
  hostCount,
  isHostOf,
  networkAround,
  networkOf,
  nthAddress,
  overlaps,
  parseAddress,
  parseNetwork,
} from '../../src/net/cidr.ts';

const network = fc
  .oneof(
    fc.tuple(fc.constant(4 as const), fc.bigInt(0n, (1n << 32n) - 1n), fc.integer({ min: 0, max: 32 })),
    fc.tuple(fc.constant(6 as const), fc.bigInt(0n, (1n << 128n) - 1n), fc.integer({ min: 0, max: 128 })),
  )
  .map(([family, value, length]) => networkOf(formatAddress({ family, value }), length));

describe('addresses', () => {
  test.each(['10.10.2.20', '0.0.0.0', '255.255.255.255', 'fd00::1', '::', '::ffff:10.0.0.1'])('%s is one', (text) => {
    expect(parseAddress(text)).toBeDefined();
  });

  test.each([
    '10.1',
    '167772161',
    '0x0a000001',
    '010.1.2.3',
    '10.1.2.3.4',
    '10.1.2.256',
    '10.1.2.3/32',
    '10.1.2.3%1',
    'fe80::1%eth0',
    '',
    ' 10.1.2.3',
    'localhost',
    '1::2::3',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('what is written is read back the same', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 128n) - 1n), fc.constantFrom(4 as const, 6 as const), (number, family) => {
        const value = family === 4 ? number % (1n << 32n) : number;
        expect(parseAddress(formatAddress({ family, value }))).toEqual({ family, value });
      }),
    );
  });

  test('are ordered as numbers, not as text', () => {
    const sorted = ['10.0.0.10', 'fd00::1', '10.0.0.9', '10.0.0.0/26', '10.0.0.0/24'].sort(compareAddresses);
    expect(sorted).toEqual(['10.0.0.0/24', '10.0.0.0/26', '10.0.0.9', '10.0.0.10', 'fd00::1']);
  });
});

describe('networks', () => {
  test.each(['10.53.0.0/16', '0.0.0.0/0', '10.0.0.1/32', 'fd00:10::/64', '::/0'])('%s is one', (text) => {
    expect(parseNetwork(text)).toBeDefined();
  });

  test.each([
    '10.42.0.7/16',
    '10.53.0.0',
    '10.53/16',
    '10.53.0.0/33',
    '10.53.0.0/016',
    '10.53.0.0/',
    '10.53.0.0/16/8',
    'fd00::1/64',
    '10.0.0.0/-1',
    '10.0.0.0/255.0.0.0',
  ])('%j is none', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });

  test('an address with host bits has a network around it', () => {
    expect(networkAround('10.42.0.7/16')).toBe('10.42.0.0/16');
    expect(networkAround('10.42.0.7')).toBeUndefined();
  });

  test('what is written is read back the same', () => {
    fc.assert(
      fc.property(network, (text) => {
        const parsed = parseNetwork(text);
        expect(parsed && formatNetwork(parsed)).toBe(text);
      }),
    );
  });

  test('every network contains its first and last address and nothing outside', () => {
    fc.assert(
      fc.property(network, (text) => {
        const { family, first } = parseNetwork(text) as NonNullable<ReturnType<typeof parseNetwork>>;
        const last = first + addressCount(text) - 1n;
        expect(contains(text, formatAddress({ family, value: first }))).toBe(true);
        expect(contains(text, formatAddress({ family, value: last }))).toBe(true);
        const bits = family === 4 ? 32n : 128n;
        if (last + 1n < 1n << bits) expect(contains(text, formatAddress({ family, value: last + 1n }))).toBe(false);
        if (first > 0n) expect(contains(text, formatAddress({ family, value: first - 1n }))).toBe(false);
      }),
    );
  });

  test('two overlap exactly when one contains the other', () => {
    fc.assert(
      fc.property(network, network, (one, other) => {
        expect(overlaps(one, other)).toBe(contains(one, other) || contains(other, one));
        expect(overlaps(one, other)).toBe(overlaps(other, one));
      }),
    );
  });

  test('blocks cover a network without gaps', () => {
    expect([...blocks('10.53.0.0/24', 26)]).toEqual([
      '10.53.0.0/26',
      '10.53.0.64/26',
      '10.53.0.128/26',
      '10.53.0.192/26',
    ]);
    expect([...blocks('10.53.0.0/26', 24)]).toEqual([]);
    expect(blockCount('10.53.0.0/16', 26)).toBe(1024n);
    fc.assert(
      fc.property(network, fc.integer({ min: 0, max: 6 }), (text, more) => {
        const { family, length } = parseNetwork(text) as NonNullable<ReturnType<typeof parseNetwork>>;
        const smaller = Math.min(length + more, family === 4 ? 32 : 128);
        const all = [...blocks(text, smaller)];
        expect(all.reduce((sum, block) => sum + addressCount(block), 0n)).toBe(addressCount(text));
        expect(all.every((block) => contains(text, block))).toBe(true);
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });

  test('addresses are counted from the network address', () => {
    expect(nthAddress('172.19.0.0/16', 2)).toBe('172.19.0.2');
    expect(nthAddress('172.19.0.0/16', 256)).toBe('172.19.1.0');
    expect(nthAddress('fd00::/64', 10)).toBe('fd00::a');
    expect(() => nthAddress('10.0.0.0/30', 4)).toThrow(RangeError);
    expect(() => nthAddress('10.0.0.1/30', 0)).toThrow('10.0.0.1/30 is no network');
  });

  test('hosts leave out the network and the broadcast address', () => {
    expect([hostCount('10.0.0.0/24'), hostCount('10.0.0.0/31'), hostCount('10.0.0.1/32')]).toEqual([254n, 2n, 1n]);
  });

  test('no host has the first or the last address of a network', () => {
    expect(
      ['10.0.0.0', '10.0.0.1', '10.0.0.255', '10.0.1.1'].map((address) => isHostOf('10.0.0.0/24', address)),
    ).toEqual([false, true, false, false]);
    expect(isHostOf('10.0.0.0/31', '10.0.0.0')).toBe(true);
    expect(isHostOf('fd00::/64', 'fd00::ffff:ffff:ffff:ffff')).toBe(true);
  });

  test('families never meet', () => {
    expect(contains('0.0.0.0/0', 'fd00::1')).toBe(false);
    expect(overlaps('::/0', '10.0.0.0/8')).toBe(false);
  });
});
