import { expect, test } from 'vitest';
import { Facts } from '../../../src/core/facts.ts';
import { peeringSelfIp, type SelfIpQuestion } from '../../../src/facts/bigip/peering-self-ip.ts';
import { fakeContext } from '../../helpers/fake-host.ts';

const MANY = [
  'net self external { address 10.1.10.11/24 traffic-group traffic-group-local-only vlan external }',
  'net self internal { address 10.1.20.11/24 traffic-group traffic-group-local-only vlan internal }',
  'net self floating { address 10.1.20.10/24 floating enabled traffic-group traffic-group-1 vlan internal }',
  'net self tenant { address 10.1.20.11%7/24 traffic-group traffic-group-local-only vlan tenant }',
];

const question: SelfIpQuestion = { host: 'unit', routeDomain: 0, reachedBy: '192.0.2.1', neighbors: ['10.1.20.20'] };
const ask = (other: Partial<SelfIpQuestion>, selfIps = MANY) =>
  new Facts(fakeContext({ unit: { name: 'bigip1', programs: { tmsh: () => `${selfIps.join('\n')}\n` } } })).get(
    peeringSelfIp({ ...question, ...other }),
  );

test('neighbors peer with the self-IP in their own network, in the route domain, that does not float', async () => {
  expect(await ask({})).toMatchObject({ name: 'internal', address: '10.1.20.11', network: '10.1.20.0/24' });
  expect(await ask({ routeDomain: 7 })).toMatchObject({ name: 'tenant', address: '10.1.20.11', routeDomain: 7 });
});

test('neighbors from elsewhere peer with the address that the unit was reached by', async () => {
  expect(await ask({ neighbors: ['172.19.0.2'], reachedBy: '10.1.10.11' })).toMatchObject({ name: 'external' });
});

test('the only one there is will do, and the one that is named, whatever it is', async () => {
  expect(await ask({ neighbors: ['172.19.0.2'] }, MANY.slice(0, 1))).toMatchObject({ name: 'external' });
  expect(await ask({ name: 'floating' })).toMatchObject({ name: 'floating', floating: true });
});

test('where several may be meant, or none has the name, they are told', async () => {
  const evidence = expect.arrayContaining([{ label: 'internal', text: '10.1.20.11 in 10.1.20.0/24, route domain 0' }]);
  await expect(ask({ neighbors: ['172.19.0.2', '10.1.20.20'] })).rejects.toMatchObject({
    code: 'BIGIP.NO_SELF_IP',
    evidence,
  });
  await expect(ask({ name: 'inside' })).rejects.toMatchObject({
    code: 'BIGIP.NO_SELF_IP',
    message: 'bigip1 has no self-IP "inside"',
    evidence,
  });
});
