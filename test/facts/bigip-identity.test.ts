import { expect, test } from 'vitest';
import { Facts } from '../../src/core/facts.ts';
import { bigipIdentity } from '../../src/facts/bigip-identity.ts';
import { fakeContext } from '../helpers/fake-host.ts';

const identity = (shown: string) =>
  new Facts(fakeContext({ bigip: { name: 'bigip1', programs: { tmsh: () => shown } } })).get(bigipIdentity('bigip'));

test('a unit is known by its serial', async () => {
  expect(
    await identity('System Information\n  Type                       Z100\n  Chassis Serial             chs400144s\n'),
  ).toBe('chs400144s');
});

test('a unit without a serial is known as its host is', async () => {
  expect(await identity('System Information\n  Chassis Serial             -\n')).toBe('identity of bigip');
});
