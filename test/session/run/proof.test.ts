import { expect, test } from 'vitest';
import { proofAtRouters } from '../../../src/session/run/proof.ts';
import type { Session } from '../../../src/session/session.ts';
import { bigipWorld } from '../../helpers/fake-bigip.ts';
import { fakeContext } from '../../helpers/fake-host.ts';

const bigip = { name: 'bigip1', host: 'bigip', address: '10.1.20.11', routeDomain: 0 };
const ofFlags = (addresses?: readonly string[]) => ({
  adhoc: { units: { name: 'units', read: async () => [bigip] }, addresses },
});

test.each([
  ['flags have named them', ofFlags(['10.1.20.20', '2001:db8::20'])],
  ['flags have named nobody', ofFlags()],
  ['a file has a router that speaks both', { blueprint: { routers: [{ ...bigip, six: '2001:db8::11' }] } }],
])('neighbors of both protocols are counted, each once, where %s', async (_, source) => {
  const neighbors = ['10.1.20.20', '2001:db8::20'];
  const zebos = ['router bgp 64512', ...neighbors.map((each) => `neighbor ${each} remote-as 64512`)];
  const { unit, machines } = bigipWorld({ bgp: true, zebos });
  for (const each of neighbors) unit.established.add(each);
  const session = { engine: { ctx: fakeContext(machines) }, ...source };
  expect(await proofAtRouters(session as unknown as Session)).toEqual([
    '2 neighbors at bigip1',
    '2 Established so far',
  ]);
});
