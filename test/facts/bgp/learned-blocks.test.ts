import { describe, expect, test } from 'vitest';
import { Facts } from '../../../src/core/facts.ts';
import { type BlocksQuestion, learnedBlocks } from '../../../src/facts/bgp/learned-blocks.ts';
import { fakeContext, Power } from '../../helpers/fake-host.ts';
import { FakeKube, type FakeObject } from '../../helpers/fake-kube.ts';

const bgp = (...rows: readonly string[]) =>
  ['   Network          Next Hop            Metric     LocPrf     Weight Path', ...rows, ''].join('\n');
const path = (codes: string, prefix: string, via: string) => `${codes}${prefix.padEnd(17)} ${via}  0  100  0 i`;

const WAYS = [
  'K       172.19.0.0/16 [0/0] via 10.10.2.10, internal',
  'C       10.10.2.0/24 is directly connected, internal',
];
const route = (prefix: string, via: string) => `B       ${prefix} [200/0] via ${via}, internal, 00:00:23`;

const object = (kind: string, name: string, rest: object): FakeObject => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name },
  ...rest,
});
const node = (name: string, address: string) =>
  object('Node', name, { metadata: { name, annotations: { 'projectcalico.org/IPv4Address': `${address}/16` } } });
const affinity = (nodeName: string, cidr: string) =>
  object('BlockAffinity', `${nodeName}-${cidr}`, { spec: { cidr, node: nodeName, state: 'confirmed', type: 'host' } });
/** agent-1 uses the second address of agent-0's block. */
const borrowed = object('IPAMBlock', 'block', {
  spec: {
    cidr: '10.53.0.64/26',
    affinity: 'host:agent-0',
    allocations: [null, 0],
    attributes: [{ secondary: { node: 'agent-1' } }],
  },
});
const pool = (disableBGPExport = false) =>
  object('IPPool', 'pool', { spec: { cidr: '10.53.0.0/16', disableBGPExport } });
const NODES = [node('agent-0', '172.19.0.3'), node('agent-1', '172.19.0.4'), affinity('agent-0', '10.53.0.64/26')];
const CLUSTER = [...NODES, pool()];

const routers = [{ name: 'bigip1', host: 'unit', address: '10.10.2.20', routeDomain: 0 }];
const kube = { host: 'here', kubeconfig: '/kubeconfig' };

interface Tables {
  readonly bgp: string;
  readonly routes: readonly string[];
  readonly six?: Omit<Tables, 'six'>;
}

function ask(
  tables: Tables,
  question: Partial<BlocksQuestion> = { kube, pods: { 4: '10.53.0.0/16' } },
  objects = CLUSTER,
) {
  const env = (args: readonly string[]) => {
    const line = args.at(-1) ?? '';
    const { bgp: learned, routes } = line.includes('ipv6')
      ? (tables.six ?? { bgp: '% Invalid input\n', routes: [] })
      : tables;
    return line.includes(' bgp') ? learned : routes.join('\n');
  };
  const { programs } = new FakeKube(new Power(), { api: 'v3', objects });
  const machines = { unit: { name: 'bigip1', programs: { env } }, here: { name: 'here', programs } };
  return new Facts(fakeContext(machines)).get(learnedBlocks({ routers, ...question }));
}

test('a block has its owner, its paths, its way, and the route that the way resolves through', async () => {
  const tables = {
    bgp: bgp(path('*>i', '10.53.0.64/26', '172.19.0.3')),
    routes: [...WAYS, route('10.53.0.64/26', '172.19.0.3')],
  };
  expect(await ask(tables)).toEqual([
    {
      prefix: '10.53.0.64/26',
      borrowed: false,
      node: 'agent-0',
      owner: '172.19.0.3',
      router: 'bigip1',
      nextHop: '172.19.0.3',
      paths: [{ nextHop: '172.19.0.3', best: true, valid: true, stale: false }],
      stale: false,
      installed: {
        nextHop: '172.19.0.3',
        vlan: 'internal',
        through: { prefix: '172.19.0.0/16', code: 'K', nextHop: '10.10.2.10', vlan: 'internal' },
      },
    },
  ]);
});

test('an address that another node has borrowed is a route of its own', async () => {
  const tables = {
    bgp: bgp(path('*>i', '10.53.0.64/26', '172.19.0.3'), path('*>i', '10.53.0.65/32', '172.19.0.4')),
    routes: [...WAYS, route('10.53.0.64/26', '172.19.0.3'), route('10.53.0.65/32', '172.19.0.4')],
  };
  expect(await ask(tables, undefined, [...CLUSTER, borrowed])).toMatchObject([
    { prefix: '10.53.0.64/26', borrowed: false, node: 'agent-0' },
    { prefix: '10.53.0.65/32', borrowed: true, node: 'agent-1', owner: '172.19.0.4', nextHop: '172.19.0.4' },
  ]);
});

test('a block of a pool that is not exported is not missed, and told where a router has it all the same', async () => {
  const nothing = { bgp: bgp(), routes: WAYS };
  expect(await ask(nothing, undefined, [...NODES, pool(true)])).toEqual([]);
  const late = {
    bgp: bgp(path('*>i', '10.53.0.64/26', '172.19.0.3')),
    routes: [...WAYS, route('10.53.0.64/26', '172.19.0.3')],
  };
  expect(await ask(late, undefined, [...NODES, pool(true)])).toMatchObject([{ node: 'agent-0', stale: false }]);
});

const good = path('*>i', '10.53.0.64/26', '172.19.0.3');
const forwarded = route('10.53.0.64/26', '172.19.0.3');
test.each([
  ['not learned', [], []],
  ['no path in force: its next hop may not be reachable', [path('* i', '10.53.0.64/26', '172.19.0.3')], []],
  ['leads to 172.19.0.4, not to its owner 172.19.0.3', [path('*>i', '10.53.0.64/26', '172.19.0.4')], []],
  ['stale: its session is gone, graceful restart keeps it', [path('S>i', '10.53.0.64/26', '172.19.0.3')], [forwarded]],
  ['also learned by way of 172.19.0.4', [good, '* i                  172.19.0.4  0  100  0 i'], [forwarded]],
  ['learned, but not in the routing table', [good], []],
  ['the routing table has another route, S', [good], [forwarded.replace('B ', 'S ')]],
  ['forwarded to 172.19.0.9, not to 172.19.0.3', [good], [route('10.53.0.64/26', '172.19.0.9')]],
])('what is wrong is said: %s', async (trouble, paths, routes) => {
  const [block] = await ask({ bgp: bgp(...paths), routes: [...WAYS, ...routes] });
  expect(block?.trouble).toBe(trouble);
});

test('a next hop that no other route leads to is said', async () => {
  const [block] = await ask({ bgp: bgp(good), routes: [forwarded] });
  expect(block?.trouble).toBe('forwarded to 172.19.0.3, to which no route leads');
});

test('a block that no node has any more is told; what is outside of the pod network is not', async () => {
  const tables = {
    bgp: bgp(path('S>i', '10.53.9.0/26', '172.19.0.9'), path('*>i', '10.99.0.0/24', '10.10.2.1')),
    routes: WAYS,
  };
  expect(await ask(tables, undefined, CLUSTER.slice(0, 2))).toMatchObject([
    { prefix: '10.53.9.0/26', stale: true, trouble: 'no node has this block any more' },
  ]);
  // where no file tells the pod network: what the nodes have told
  expect(await ask(tables, { kube }, CLUSTER.slice(0, 2))).toEqual([]);
});

test('without a cluster all that was learned is told, and whose it is stays open', async () => {
  const tables = {
    bgp: bgp(good, path('*> ', '10.99.0.0/24', '0.0.0.0')),
    routes: [...WAYS, forwarded],
  };
  const [block, ...more] = await ask(tables, {});
  expect(block).toMatchObject({ prefix: '10.53.0.64/26', nextHop: '172.19.0.3' });
  expect(block).not.toHaveProperty('trouble');
  expect(block).not.toHaveProperty('node');
  expect(more).toEqual([]);
});

/** As the sibling of `show ip bgp` prints it: networks and next hops are wider than their columns. */
const six = {
  bgp: bgp(
    '*>i2001:db8:53::/122',
    '                    2001:db8:20::3(fe80::3)',
    '                                             0        100          0 i',
    '*> 2001:db8:99::/64 ::                                          32768 i',
  ),
  routes: [
    'C       2001:db8:20::/64 via ::, internal, 01:00:00',
    'B       2001:db8:53::/122 [200/0] via 2001:db8:20::3, internal, 00:00:23',
  ],
};
const four = { bgp: bgp(good), routes: [...WAYS, forwarded] };

describe('where nobody has said that routers speak IPv6', () => {
  test('what they have learned of it is told, but for what they announce themselves', async () => {
    const blocks = await ask({ ...four, six }, { anyIpv6: true });
    expect(
      blocks.map(({ prefix, nextHop, installed, trouble }) => [prefix, nextHop, installed?.through?.prefix, trouble]),
    ).toEqual([
      ['10.53.0.64/26', '172.19.0.3', '172.19.0.0/16', undefined],
      ['2001:db8:53::/122', '2001:db8:20::3', '2001:db8:20::/64', undefined],
    ]);
  });

  test('what a release without such tables has of IPv4 is told', async () => {
    expect((await ask(four, { anyIpv6: true })).map(({ prefix }) => prefix)).toEqual(['10.53.0.64/26']);
  });

  const speaks = (name: string, address: string, own: string) =>
    object('Node', name, {
      metadata: {
        name,
        annotations: { 'projectcalico.org/IPv4Address': `${address}/16`, 'projectcalico.org/IPv6Address': `${own}/64` },
      },
    });
  const dual = [
    speaks('agent-0', '172.19.0.3', '2001:db8:20::3'),
    node('agent-1', '172.19.0.4'),
    affinity('agent-0', '10.53.0.64/26'),
    affinity('agent-0', '2001:db8:53::/122'),
  ];

  test('the cluster knows whose they are', async () => {
    const blocks = await ask({ ...four, six }, { kube, anyIpv6: true }, dual);
    expect(blocks.map(({ prefix, node, owner, trouble }) => [prefix, node, owner, trouble])).toEqual([
      ['10.53.0.64/26', 'agent-0', '172.19.0.3', undefined],
      ['2001:db8:53::/122', 'agent-0', '2001:db8:20::3', undefined],
    ]);
  });

  test('blocks of IPv6 that were not learned are no trouble: nobody has said that they should be', async () => {
    const blocks = await ask(four, { kube, anyIpv6: true }, dual);
    expect(blocks.map(({ prefix, trouble }) => [prefix, trouble])).toEqual([['10.53.0.64/26', undefined]]);
  });
});
