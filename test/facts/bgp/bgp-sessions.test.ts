import { describe, expect, test } from 'vitest';
import { CpaasError } from '../../../src/core/errors.ts';
import { Facts } from '../../../src/core/facts.ts';
import type { ReadCommand } from '../../../src/core/reading.ts';
import type { Output, Transport } from '../../../src/core/transport.ts';
import { bgpSessions, type SessionsQuestion } from '../../../src/facts/bgp/bgp-sessions.ts';
import { type FakeMachine, fakeContext, Power } from '../../helpers/fake-host.ts';
import { FakeKube, type FakeObject } from '../../helpers/fake-kube.ts';

const HEADING = 'Neighbor        V    AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd';

/** A unit that says these things of its neighbors: `00:01:00 1` for a session that is up, a word for one that is not. */
function unit(
  name: string,
  neighbors: Readonly<Record<string, string>>,
  asNumber = 64512,
  { ipv6Summary = true, asked = [] }: { readonly ipv6Summary?: boolean; readonly asked?: string[] } = {},
): FakeMachine {
  const summary = (names: (address: string) => boolean): string => {
    const named = Object.entries(neighbors).filter(([address]) => names(address));
    return [HEADING, ...named.map(([address, end]) => `${address} 4 64512 1 1 1 0 0 ${end}`), ''].join('\n');
  };
  const blocks = Object.keys(neighbors).map(
    (address) =>
      `BGP neighbor is ${address}, remote AS 64512, local AS ${asNumber}, internal link\n  BGP version 4, remote router ID 0.0.0.0\n  BGP state = Active\n Connections established 0; dropped 0\n`,
  );
  const env = (args: readonly string[]) => {
    const line = args.at(-1) ?? '';
    asked.push(line);
    if (line === 'show ip bgp summary') return summary((address) => !ipv6Summary || !address.includes(':'));
    if (line === 'show bgp ipv6 summary')
      return ipv6Summary ? summary((address) => address.includes(':')) : '% Invalid input\n';
    return blocks.join('');
  };
  return { name, programs: { env } };
}

const node = (name: string, address: string, more: object = {}): FakeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, annotations: { 'projectcalico.org/IPv4Address': `${address}/24`, ...more } },
});
const agent = (nodeName: string): FakeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `calico-node-${nodeName}`, namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } },
  spec: { nodeName },
  ...{ status: { phase: 'Running' } },
});
const protocols = (...rows: readonly (readonly [string, string, number?])[]) =>
  [
    'Name       Proto      Table      State  Since         Info',
    ...rows.flatMap(([peer, state, asNumber = 64512]) => [
      `Global_${peer} BGP --- ${state === 'Established' ? 'up' : 'start'} 10:00:00.000 ${state}`,
      `  BGP state:          ${state}`,
      `    Neighbor address: ${peer}`,
      `    Neighbor AS:      ${asNumber}`,
      '',
    ]),
  ].join('\n');

const kube = { host: 'here', kubeconfig: '/kubeconfig' };
const routers = [
  { name: 'bigip1', host: 'one', address: '10.1.20.11', routeDomain: 0 },
  { name: 'bigip2', host: 'two', address: '10.1.20.12', routeDomain: 0 },
];

function ask(
  question: SessionsQuestion,
  machines: Readonly<Record<string, FakeMachine>>,
  birds: Readonly<Record<string, string>> = {},
  objects = [node('node-1', '10.1.20.20'), node('node-2', '10.1.20.21'), agent('node-1'), agent('node-2')],
) {
  const { programs } = new FakeKube(new Power(), { api: 'v3', objects, exec: (pod) => birds[pod] ?? protocols() });
  return new Facts(fakeContext({ ...machines, here: { name: 'here', programs } })).get(bgpSessions(question));
}

test('sessions are told from both ends, with why those that are down are down', async () => {
  const machines = { one: unit('bigip1', { '10.1.20.20': '00:01:00 1', '10.1.20.21': 'Active' }) };
  const birds = {
    'calico-node-node-1': protocols(['10.1.20.11', 'Established']),
    'calico-node-node-2': protocols(['10.1.20.11', 'Active', 65010]),
  };
  expect(await ask({ kube, routers: routers.slice(0, 1) }, machines, birds)).toMatchObject([
    {
      node: 'node-1',
      atNode: { state: 'Established', since: '10:00:00.000' },
      atRouter: { uptime: '00:01:00', prefixes: 1 },
      agree: true,
      up: true,
    },
    {
      node: 'node-2',
      agree: false,
      up: false,
      why: 'AS mismatch: node-2 expects bigip1 in AS 65010, which is in AS 64512',
    },
  ]);
});

describe('without a cluster file', () => {
  const [four, six] = ['10.1.20.20', '2001:db8::20'];
  const up = { [four]: '00:01:00 1', [six]: '00:02:00 3' };
  const told = async (addresses: readonly string[] | undefined, ipv6Summary: boolean) => {
    const asked: string[] = [];
    const machines = { one: unit('bigip1', up, 64512, { ipv6Summary, asked }) };
    const sessions = await ask({ routers: routers.slice(0, 1), addresses, anyIpv6: true }, machines);
    return { asked, told: sessions.map(({ nodeAddress, atRouter, up }) => [nodeAddress, atRouter, up]) };
  };
  const ofFour = [four, { state: 'Established', uptime: '00:01:00', prefixes: 1 }, true];
  const ofIpv6 = { state: 'Established', uptime: '00:02:00' };

  test.each([
    ['by a summary of its own', true, { ...ofIpv6, prefixes: 3 }],
    ['by the only summary there is', false, ofIpv6],
  ] as const)('a neighbor with an IPv6 address is told %s', async (_, ipv6Summary, atRouter) => {
    const { told: found, asked } = await told([four, six], ipv6Summary);
    expect(found).toEqual([ofFour, [six, atRouter, true]]);
    expect(asked).toEqual(['show bgp ipv6 summary', 'show ip bgp summary']);
  });

  test('where IPv4 neighbors alone were named nothing is asked about IPv6', async () => {
    expect(await told([four], true)).toEqual({ told: [ofFour], asked: ['show ip bgp summary'] });
  });

  test.each([
    ['that only the summary of IPv6 names', true, { ...ofIpv6, prefixes: 3 }],
    ['that the only summary there is names', false, ofIpv6],
  ] as const)('where nobody was named a session is told %s', async (_, ipv6Summary, atRouter) => {
    const { told: found } = await told(undefined, ipv6Summary);
    expect(found).toEqual([ofFour, [six, atRouter, true]]);
  });

  test('it costs no further round trip', async () => {
    const ctx = fakeContext({ one: unit('bigip1', up) });
    const trips: (readonly ReadCommand[])[] = [];
    const counting = (key: string): Transport => {
      const host = ctx.host(key);
      const queryAll: Transport['queryAll'] = (commands) => {
        trips.push(commands);
        return host.queryAll(commands);
      };
      return { ...host, queryAll, query: async (command) => (await queryAll([command]))[0] as Output };
    };
    await new Facts({ ...ctx, host: counting }).get(bgpSessions({ routers: routers.slice(0, 1), anyIpv6: true }));
    expect(trips).toHaveLength(1);
  });

  test('with a cluster the IPv6 sessions that a router has with its nodes are told, by their names, and nobody else’s', async () => {
    const dual = node('node-1', '10.1.20.20', { 'projectcalico.org/IPv6Address': `${six}/64` });
    const machines = { one: unit('bigip1', { ...up, '2001:db8::99': 'Active' }) };
    const question = { kube, routers: routers.slice(0, 1), anyIpv6: true };
    const birds = { 'calico-node-node-1': protocols(['10.1.20.11', 'Established']) };
    const sessions = await ask(question, machines, birds, [dual, agent('node-1')]);
    expect(sessions.map(({ node, nodeAddress, up }) => [node, nodeAddress, up])).toEqual([
      ['node-1', four, true],
      ['node-1', six, true],
    ]);
  });
});

test('the session of a pair is told once, from both ends', async () => {
  const machines = {
    one: unit('bigip1', { '10.1.20.12': '00:01:00 0' }),
    two: unit('bigip2', { '10.1.20.11': '00:01:00 0' }),
  };
  const pair = { node: 'bigip2', router: 'bigip1', atNode: { state: 'Established' }, agree: true };
  expect(await ask({ routers }, machines)).toMatchObject([pair]);
  const sessions = await ask({ kube, routers, pairs: true }, machines);
  expect(sessions.filter(({ node }) => node.startsWith('bigip'))).toMatchObject([pair]);
  const one = { ...machines, two: unit('bigip2', {}) };
  expect(await ask({ routers }, one)).toMatchObject([{ agree: false, why: 'bigip2 has no neighbor 10.1.20.11' }]);
});

test('without a cluster the other end is unknown, and the word of the router has to do', async () => {
  const machines = { one: unit('bigip1', { '10.1.20.20': '00:01:00 1', '10.1.20.21': 'Active' }) };
  expect(await ask({ routers: routers.slice(0, 1) }, machines)).toMatchObject([
    { node: '10.1.20.20', atNode: { state: 'unknown' }, atRouter: { state: 'Established' }, agree: false, up: true },
    { node: '10.1.20.21', atNode: { state: 'unknown' }, up: false, why: 'bigip1 tries; no session ever came up' },
  ]);
});

test('neighbors that were asked for are told when the router does not have them; its others are not', async () => {
  const machines = { one: unit('bigip1', { '10.1.20.20': '00:01:00 1' }) };
  const question = { routers: routers.slice(0, 1), addresses: ['10.1.20.99', '10.1.20.11'] };
  expect(await ask(question, machines)).toMatchObject([
    { nodeAddress: '10.1.20.99', atRouter: { state: 'absent' }, up: false, why: 'bigip1 has no neighbor 10.1.20.99' },
  ]);
});

test('a router that cannot be asked says why, and hides no other', async () => {
  const failure = new CpaasError('HOST.UNREACHABLE', 'bigip1 does not answer');
  const [first, second] = routers;
  if (!first || !second) throw new Error('there are two');
  const machines = { two: unit('bigip2', { '10.1.20.20': '00:01:00 1' }) };
  expect(await ask({ routers: [{ ...first, failure }, second] }, machines)).toMatchObject([
    { node: '', atRouter: { state: 'unknown' }, up: false, why: 'bigip1 does not answer' },
    { node: '10.1.20.20', router: 'bigip2', up: true },
  ]);
});
