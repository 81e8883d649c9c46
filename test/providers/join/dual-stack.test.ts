import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { podNetworks } from '../../../src/config/defaults.ts';
import { parseCluster } from '../../../src/config/load.ts';
import { Facts } from '../../../src/core/facts.ts';
import type { Step } from '../../../src/core/step.ts';
import { bgpSessions } from '../../../src/facts/bgp/bgp-sessions.ts';
import { learnedBlocks } from '../../../src/facts/bgp/learned-blocks.ts';
import { blueprintOf } from '../../../src/providers/index.ts';
import type { LineValue } from '../../../src/routers/bigip/config/lines.ts';
import { linesOf } from '../../../src/routers/bigip/config/order.ts';
import { verification } from '../../../src/verify/verification.ts';
import { changesBetween } from '../../helpers/bgp-configs.ts';
import { fakeContext, Power } from '../../helpers/fake-host.ts';
import { FakeKube, type FakeObject } from '../../helpers/fake-kube.ts';

const text = readFileSync(new URL('../../../examples/dual-stack.yaml', import.meta.url), 'utf8');
const external = text.replace('      address: 10.1.20.11', '      address: 10.1.20.11\n      asNumber: 65010');
const UNIT = 'ssh://root@192.0.2.11';

const object = (apiVersion: string, kind: string, name: string, rest: object): FakeObject =>
  ({ apiVersion, kind, metadata: { name }, ...rest }) as FakeObject;
const CALICO = 'crd.projectcalico.org/v1';
const affinity = (name: string, cidr: string) =>
  object(CALICO, 'BlockAffinity', name, { spec: { cidr, node: 'node-1', state: 'confirmed', deleted: 'false' } });
const node = (annotations: Record<string, string>): FakeObject => ({
  ...object('v1', 'Node', 'node-1', { spec: {} }),
  metadata: { name: 'node-1', annotations: { 'projectcalico.org/IPv4Address': '10.1.20.20/24', ...annotations } },
});
const SIX = { 'projectcalico.org/IPv6Address': '2001:db8:20::20/64' };
const OBJECTS = [
  { ...object('v1', 'Namespace', 'kube-system', {}), metadata: { name: 'kube-system', uid: 'uid-1' } },
  affinity('four', '10.42.7.64/26'),
  affinity('six', 'fd00:42::a40/122'),
  {
    ...object('v1', 'Pod', 'calico-node-x', { spec: { nodeName: 'node-1' }, status: { phase: 'Running' } }),
    metadata: { name: 'calico-node-x', namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } },
  },
];

const bird = (protocol: string, peer: string) => `BIRD v0.3.3+birdv1.6.8 ready.
name     proto    table    state  since       info
${protocol} BGP      master   up     10:20:30    Established   
  Preference:     100
  BGP state:          Established
    Neighbor address: ${peer}
    Neighbor AS:      64512
`;
const HEAD = '   Network          Next Hop            Metric     LocPrf     Weight Path\n';
const summary = (neighbor: string) => `BGP router identifier 10.1.20.11, local AS number 64512
Neighbor        V    AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd
${neighbor}
                4 64512      24      47        2    0    0 00:09:11        1
`;
const SHOWN: Readonly<Record<string, string>> = {
  'show ip bgp summary': summary('10.1.20.20'),
  'show bgp ipv6 summary': summary('2001:db8:20::20'),
  'show ip bgp': `${HEAD}*>i10.42.7.64/26    10.1.20.20               0        100          0 i\n`,
  'show bgp ipv6 unicast': `${HEAD}*>ifd00:42::a40/122\n                    2001:db8:20::20(fe80::20)          0        100          0 i\n`,
  'show ip route':
    'C       10.1.20.0/24 is directly connected, internal\nB       10.42.7.64/26 [200/0] via 10.1.20.20, internal, 00:09:00\n',
  'show ipv6 route':
    'C       2001:db8:20::/64 via ::, internal, 1d02h03m\nB       fd00:42::a40/122 [200/0] via fe80::20, internal, 00:09:00\n',
};

function world(annotations: Record<string, string> = SIX, shown = SHOWN, file = text) {
  const exec = (_: string, argv: readonly string[]) =>
    argv[0] === 'birdcl6' ? bird('Global_six', '2001:db8:20::11') : bird('Global_four', '10.1.20.11');
  const { programs } = new FakeKube(new Power(), { api: 'crd', objects: [node(annotations), ...OBJECTS], exec });
  const unit = { env: (args: readonly string[]) => shown[args.at(-1) ?? ''] ?? '% Invalid input\n' };
  const ctx = fakeContext({ local: { name: 'here', programs }, [UNIT]: { name: 'bigip1', programs: unit } });
  const cluster = parseCluster(file, 'f');
  const blueprint = blueprintOf(cluster, { env: { HOME: '/root' }, folder: '/state' });
  const facts = new Facts({ ...ctx, identity: async (key) => key });
  const stepsOf = async (name: string): Promise<readonly Step[]> =>
    blueprint.plan.phases.find((phase) => phase.name === name)?.steps(facts) ?? [];
  return { ctx, cluster, blueprint, facts, stepsOf };
}

const wantOf = (steps: readonly Step[], kind: string) =>
  steps.filter((step) => step.kind === kind).map(({ want }) => want);

test('one file makes both ends: a peer at the nodes and neighbors at the unit, over each protocol', async () => {
  const { stepsOf } = world();
  const [peers] = wantOf(await stepsOf('Calico'), 'calico.bgp-peers');
  expect([...(peers ?? [])].map(([key, peer]) => [key, (peer as { name: string }).name])).toEqual([
    ['10.1.20.11', 'bigip1'],
    ['2001:db8:20::11', 'bigip1-ipv6'],
  ]);
  const steps = await stepsOf('Routers');
  expect(wantOf(steps, 'bigip.self-ip')).toHaveLength(2);
  const [conditions] = wantOf(steps, 'bigip.preflight');
  expect(conditions?.get('self-IP internal-v6')).toEqual({ address: '2001:db8:20::11', floating: false });
  const [bgp] = wantOf(steps, 'bigip.bgp');
  const lines = linesOf(changesBetween(new Map(), bgp as ReadonlyMap<string, LineValue>), {
    ...{ asNumber: 64512, cluster: 'dual-stack' },
  });
  expect(lines).toMatchInlineSnapshot(`
    [
      "ip prefix-list cpaas-dual-stack-pods seq 5 permit 10.42.0.0/16 ge 26 le 32",
      "ipv6 prefix-list cpaas-dual-stack-pods-ipv6 seq 5 permit fd00:42::/108 ge 122 le 128",
      "router bgp 64512",
      "bgp graceful-restart restart-time 120",
      "neighbor calico-k8s peer-group",
      "neighbor calico-k8s remote-as 64512",
      "neighbor calico-k8s prefix-list cpaas-dual-stack-pods in",
      "neighbor 10.1.20.20 peer-group calico-k8s",
      "neighbor 10.1.20.20 description cpaas:dual-stack",
      "neighbor 2001:db8:20::20 remote-as 64512",
      "neighbor 2001:db8:20::20 description cpaas:dual-stack",
      "address-family ipv6",
      "neighbor 2001:db8:20::20 activate",
      "neighbor 2001:db8:20::20 prefix-list cpaas-dual-stack-pods-ipv6 in",
      "exit-address-family",
    ]
  `);
});

test('a router of another AS is told own blocks only, over both protocols', async () => {
  const [filters] = wantOf(await world(SIX, SHOWN, external).stepsOf('Calico'), 'calico.bgp-filters');
  expect([...(filters ?? [])].map(([, spec]) => Object.keys(spec as object))).toEqual([['exportV4', 'exportV6']]);
});

test('a node without an IPv6 address of Calico is named, and nothing is made of it', async () => {
  await expect(world({}).stepsOf('Routers')).rejects.toMatchObject({
    code: 'FACTS.NO_ADDRESS',
    message: expect.stringContaining('node-1'),
  });
});

test('sessions and blocks are told for each protocol, by what each end says over it', async () => {
  const { facts, blueprint, cluster } = world();
  const sessions = await facts.get(bgpSessions(blueprint));
  expect(sessions.map(({ nodeAddress, routerAddress, agree }) => [nodeAddress, routerAddress, agree])).toEqual([
    ['10.1.20.20', '10.1.20.11', true],
    ['2001:db8:20::20', '2001:db8:20::11', true],
  ]);
  const blocks = await facts.get(learnedBlocks({ ...blueprint, pods: podNetworks(cluster.spec.network) }));
  expect(blocks.map(({ prefix, nextHop, trouble }) => [prefix, nextHop, trouble])).toEqual([
    ['10.42.7.64/26', '10.1.20.20', undefined],
    ['fd00:42::a40/122', '2001:db8:20::20', undefined],
  ]);
});

test('a block of IPv6 that is missing at the unit is told, and fails the proof', async () => {
  const { facts, ctx, blueprint, cluster } = world(SIX, { ...SHOWN, 'show bgp ipv6 unicast': HEAD });
  const blocks = await facts.get(learnedBlocks({ ...blueprint, pods: podNetworks(cluster.spec.network) }));
  expect(blocks.map(({ trouble }) => trouble)).toEqual([undefined, 'not learned']);
  const { checks } = await verification({ ...blueprint, cluster, ctx, facts });
  const failed = checks.filter(({ result, id }) => result === 'fail' && id.startsWith('route'));
  expect(failed.map(({ id }) => id)).toEqual(['route bigip1 fd00:42::a40/122']);
});

test('where the unit has no summary of IPv6 the other one tells the state, and no count that is not of IPv6', async () => {
  const { 'show bgp ipv6 summary': _, ...older } = SHOWN;
  const both = {
    ...older,
    'show ip bgp summary': `${summary('10.1.20.20')}${summary('2001:db8:20::20').split('\n').slice(2).join('\n')}`,
  };
  const [, six] = await world(SIX, both).facts.get(bgpSessions(world().blueprint));
  expect(six?.atRouter).toEqual({ state: 'Established', uptime: '00:09:11' });
});
