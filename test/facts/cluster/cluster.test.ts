import { describe, expect, test } from 'vitest';
import { Facts } from '../../../src/core/facts.ts';
import { calicoVersion } from '../../../src/facts/cluster/calico-version.ts';
import { clusterIdentity } from '../../../src/facts/cluster/identity.ts';
import { joinedNodes, leftOutNodes } from '../../../src/facts/cluster/joined-nodes.ts';
import { nodeSessions } from '../../../src/facts/cluster/node-sessions.ts';
import { lostNodes, nodes } from '../../../src/facts/cluster/nodes.ts';
import { podBlocks } from '../../../src/facts/cluster/pod-blocks.ts';
import { pods } from '../../../src/facts/cluster/pods.ts';
import { capture, withCaptures } from '../../helpers/captures.ts';
import { type Ending, fakeContext, Power } from '../../helpers/fake-host.ts';
import { FakeKube, type FakeObject } from '../../helpers/fake-kube.ts';

const access = { host: 'vm', kubeconfig: '/run/kubeconfig' };
const factsOf = (objects: readonly FakeObject[], exec: (pod: string) => Ending = () => '') => {
  const kube = new FakeKube(new Power(), { api: 'crd', objects, exec });
  let calls = 0;
  const programs = Object.fromEntries(
    Object.entries(kube.programs).map(([name, program]) => [
      name,
      (...asked: Parameters<typeof program>) => {
        calls++;
        return program(...asked);
      },
    ]),
  );
  const facts = new Facts(fakeContext({ vm: { name: 'vm', programs } }));
  return Object.assign(facts, { calls: () => calls });
};

const object = (kind: string, name: string, rest: object): FakeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  ...rest,
});
const items = (file: string) => (JSON.parse(capture(file)) as { items: FakeObject[] }).items;
const captured = () =>
  factsOf(
    ['nodes', 'pods', 'blockaffinities', 'ipamblocks', 'clusterinformations'].flatMap((file) => items(`${file}.json`)),
  );

describe('a real cluster', () => {
  withCaptures('has nodes with the addresses that BIRD speaks from', async () => {
    expect(await captured().get(nodes(access))).toMatchObject([
      { name: 'k3d-real-agent-0', address: '172.28.0.5', ready: true, role: 'worker' },
      { name: 'k3d-real-agent-1', address: '172.28.0.2', internalIp: '172.28.0.2', ready: true, role: 'worker' },
      { name: 'k3d-real-agent-2', address: '172.28.0.4', ready: true, role: 'worker' },
      { name: 'k3d-real-server-0', address: '172.28.0.3', ready: true, role: 'control-plane' },
    ]);
  });

  withCaptures('has a block for each node, and pods in them', async () => {
    const facts = captured();
    const names = (await facts.get(nodes(access))).map(({ name }) => name);
    expect(await facts.get(podBlocks(access, names))).toEqual([
      { cidr: '10.53.246.64/26', node: 'k3d-real-agent-1', borrowed: false },
      { cidr: '10.53.30.64/26', node: 'k3d-real-server-0', borrowed: false },
      { cidr: '10.53.172.64/26', node: 'k3d-real-agent-2', borrowed: false },
      { cidr: '10.53.17.64/26', node: 'k3d-real-agent-0', borrowed: false },
    ]);
    expect((await facts.get(pods(access))).map(({ name, address }) => `${name} ${address}`)).toEqual([
      'probe-fdgzg 10.53.30.65',
      'probe-wpljh 10.53.246.67',
      'probe-rddbd 10.53.17.65',
      'probe-998mb 10.53.172.65',
      'calico-kube-controllers-5cc57745-b575s 10.53.246.66',
    ]);
    expect(await facts.get(calicoVersion(access))).toBe('v3.31.7');
  });

  withCaptures('is asked few questions, however many facts are made of the answers', async () => {
    const facts = captured();
    await facts.get(nodes(access));
    await facts.get(podBlocks(access, ['k3d-real-agent-0']));
    await facts.get(calicoVersion(access));
    await facts.get(podBlocks(access, ['k3d-real-agent-1']));
    expect(facts.calls()).toBe(3);
  });

  withCaptures('tells its sessions node by node; a node that does not answer says why', async () => {
    const shown = capture('birdcl_show_protocols_all.txt');
    const facts = factsOf([...items('nodes.json'), ...items('pods.json')], (pod) =>
      pod === 'calico-node-2fml6'
        ? shown
        : pod === 'calico-node-fknh8'
          ? { code: 1, stderr: 'Error from server: error dialing backend: dial tcp 172.28.0.2:10250: i/o timeout\n' }
          : 'birdcl: new words\n',
    );
    const sessions = await facts.get(nodeSessions(access));
    expect(sessions.map(({ node, sessions, unknown }) => [node, sessions.length, unknown])).toEqual([
      ['k3d-real-agent-0', 5, undefined],
      [
        'k3d-real-agent-1',
        0,
        'the Kubernetes API refused: error dialing backend: dial tcp 172.28.0.2:10250: i/o timeout',
      ],
      ['k3d-real-agent-2', 0, 'BIRD answers in words that cpaas does not know'],
      ['k3d-real-server-0', 0, 'BIRD answers in words that cpaas does not know'],
    ]);
  });
});

test('a node without BIRD says so', async () => {
  const metadata = { name: 'calico-node-x', labels: { 'k8s-app': 'calico-node' } };
  const pod = object('Pod', 'x', { metadata, spec: { nodeName: 'a' }, status: { phase: 'Running' } });
  const stderr =
    'Unable to connect to server control socket (/var/run/calico/bird.ctl): No such file or directory\ncommand terminated with exit code 1\n';
  const node = object('Node', 'a', {});
  expect(await factsOf([node, pod], () => ({ code: 1, stderr })).get(nodeSessions(access))).toEqual([
    { node: 'a', sessions: [], unknown: 'no BIRD runs there: its Calico may work without BGP' },
  ]);
});

describe('facts of a cluster', () => {
  test('no nodes at all are an error, never a wish', async () => {
    await expect(factsOf([]).get(nodes(access))).rejects.toMatchObject({ code: 'FACTS.EMPTY' });
  });

  test('a node without Calico’s address has that of Kubernetes, and may have an AS of its own', async () => {
    const facts = factsOf([
      object('Node', 'a', {
        metadata: { name: 'a', annotations: { 'projectcalico.org/ASNumber': '65001' } },
        status: { addresses: [{ type: 'InternalIP', address: '172.19.0.9' }] },
      }),
    ]);
    expect(await facts.get(nodes(access))).toEqual([
      { name: 'a', address: '172.19.0.9', internalIp: '172.19.0.9', ready: false, role: 'worker', asNumber: 65001 },
    ]);
  });

  test.each([
    ['True', { ready: true }, []],
    ['False', { ready: false }, []],
    ['Unknown', { ready: false, lost: true }, ['a']],
  ])('a node whose readiness is %s', async (status, told, lost) => {
    const node = object('Node', 'a', { status: { conditions: [{ type: 'Ready', status }] } });
    const facts = factsOf([node]);
    expect(await facts.get(nodes(access))).toEqual([{ name: 'a', role: 'worker', ...told }]);
    expect(await facts.get(lostNodes(access))).toEqual(lost);
  });

  describe('nodes that nobody has named', () => {
    const status = { addresses: [{ type: 'InternalIP', address: '172.19.0.9' }] };
    const annotations = { 'projectcalico.org/IPv4Address': '172.19.0.3/16' };
    const own = object('Node', 'a', { metadata: { name: 'a', annotations } });
    const other = object('Node', 'b', { status });
    const agentOf = (nodeName: string) =>
      object('Pod', 'agent', {
        metadata: { name: 'agent', namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } },
        spec: { nodeName },
        status: { phase: 'Pending' },
      });
    const told = async (objects: readonly FakeObject[], asked?: readonly string[]) => {
      const facts = factsOf(objects);
      const joined = await facts.get(joinedNodes(access, asked));
      return {
        joined: joined.map(({ name, address }) => `${name} ${address}`),
        leftOut: await facts.get(leftOutNodes(access, asked)),
      };
    };

    test('are not peered with where Calico has neither an address nor a pod, unless the file names them', async () => {
      expect(await told([other, own])).toEqual({ joined: ['a 172.19.0.3'], leftOut: ['b'] });
      expect(await told([other, own], ['a', 'b'])).toEqual({ joined: ['a 172.19.0.3', 'b 172.19.0.9'], leftOut: [] });
    });

    test('are peered with where calico-node is placed and has yet to start', async () => {
      expect(await told([other, own, agentOf('b')])).toEqual({ joined: ['a 172.19.0.3', 'b 172.19.0.9'], leftOut: [] });
      await expect(told([object('Node', 'b', {}), own, agentOf('b')])).rejects.toMatchObject({
        code: 'FACTS.NO_ADDRESS',
      });
      expect(await told([other, object('Node', 'virtual', { status }), agentOf('b')])).toEqual({
        joined: ['b 172.19.0.9'],
        leftOut: ['virtual'],
      });
    });

    test('are all peered with before Calico has begun', async () => {
      expect(await told([other])).toEqual({ joined: ['b 172.19.0.9'], leftOut: [] });
      await expect(told([])).rejects.toThrow('the cluster has no nodes');
    });

    test('are asked for their pods only where one has no address of Calico’s', async () => {
      const facts = factsOf([own]);
      await facts.get(joinedNodes(access));
      expect(facts.calls()).toBe(1);
    });
  });

  test('a node whose kubelet is silent is not asked for its sessions: the API would try for half a minute', async () => {
    const named = (name: string, status: string) => [
      object('Node', name, { status: { conditions: [{ type: 'Ready', status }] } }),
      object('Pod', `agent-${name}`, {
        metadata: { name: `agent-${name}`, namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } },
        spec: { nodeName: name },
        status: { phase: 'Running' },
      }),
    ];
    const asked: string[] = [];
    const facts = factsOf([...named('down', 'Unknown'), ...named('ill', 'False'), ...named('well', 'True')], (pod) => {
      asked.push(pod);
      return 'new words\n';
    });
    const said = await facts.get(nodeSessions(access));
    expect(asked).toEqual(['agent-ill', 'agent-well']);
    expect(said[0]).toEqual({
      node: 'down',
      sessions: [],
      unknown: 'its kubelet is silent: the node is down, or cut off',
    });
  });

  test('a cluster is known by the namespace that nobody makes anew', async () => {
    const facts = factsOf([object('Namespace', 'kube-system', { metadata: { name: 'kube-system', uid: 'u-1' } })]);
    expect(await facts.get(clusterIdentity(access))).toBe('u-1');
    await expect(factsOf([]).get(clusterIdentity(access))).rejects.toMatchObject({ code: 'FACTS.EMPTY' });
  });
});

describe('pod blocks', () => {
  const affinity = (cidr: string, node: string, spec: object = {}) =>
    object('BlockAffinity', cidr, {
      spec: { cidr, node, state: 'confirmed', type: 'host', deleted: 'false', ...spec },
    });
  const block = (spec: object) =>
    object('IPAMBlock', 'block', { spec: { cidr: '10.53.0.0/26', affinity: 'host:a', deleted: false, ...spec } });
  const pool = (spec: object = {}) => object('IPPool', 'pool', { spec: { cidr: '10.53.0.0/16', ...spec } });
  const read = (...objects: readonly FakeObject[]) => factsOf([pool(), ...objects]).get(podBlocks(access, ['a', 'b']));

  test.each([
    ['confirmed', {}, 1],
    ['very old', { state: '', type: '', deleted: undefined }, 1],
    ['in v3’s words', { deleted: false }, 1],
    ['being claimed', { state: 'pending' }, 0],
    ['being given back', { state: 'pendingDeletion' }, 0],
    ['deleted', { deleted: 'true' }, 0],
    ['deleted, in v3’s words', { deleted: true }, 0],
    ['of a load balancer', { type: 'virtual' }, 0],
    ['of a node that is not of the file', { node: 'stranger' }, 0],
    ['of IPv6', { cidr: 'fd00::/122' }, 0],
  ])('one that is %s', async (_, spec, count) => {
    expect(await read(affinity('10.53.0.0/26', 'a', spec))).toHaveLength(count);
  });

  test('an address that another node borrowed is that node’s, alone', async () => {
    const allocations = [0, null, 1, 2];
    const attributes = [{ secondary: { node: 'a' } }, { secondary: { node: 'b' } }, { secondary: null }];
    expect(await read(affinity('10.53.0.0/26', 'a'), block({ allocations, attributes }))).toEqual([
      { cidr: '10.53.0.0/26', node: 'a', borrowed: false },
      { cidr: '10.53.0.2/32', node: 'b', borrowed: true },
    ]);
  });

  test('of a pool that is not exported no router is told, nor of a borrowed address that is of no pool', async () => {
    const attributes = [{ secondary: { node: 'b' } }];
    const objects = [affinity('10.53.0.0/26', 'a'), block({ allocations: [0], attributes })];
    const withheld = async (...pools: readonly FakeObject[]) =>
      (await factsOf([...pools, ...objects]).get(podBlocks(access, ['a', 'b']))).map((each) => each.withheld ?? false);
    expect(await withheld(pool())).toEqual([false, false]);
    expect(await withheld(pool({ disableBGPExport: true }))).toEqual([true, true]);
    expect(await withheld(pool({ cidr: '10.99.0.0/16', disableBGPExport: true }))).toEqual([false, true]);
    expect(await withheld()).toEqual([false, true]);
  });

  test('the end of a node’s tunnel in another’s block is no address of pods', async () => {
    const attributes = [{ secondary: { node: 'b', type: 'vxlanTunnelAddress' } }];
    expect(await read(affinity('10.53.0.0/26', 'a'), block({ allocations: [0], attributes }))).toHaveLength(1);
  });

  test('addresses in a block that is nobody’s any more are their users’', async () => {
    const attributes = [{ secondary: { node: 'a' } }];
    expect(await read(block({ affinity: null, allocations: [null, 0], attributes }))).toEqual([
      { cidr: '10.53.0.1/32', node: 'a', borrowed: true },
    ]);
  });
});

describe('pods', () => {
  const pod = (name: string, status: object, spec: object = {}) => ({
    metadata: { name, namespace: 'default' },
    spec: { nodeName: 'a', ...spec },
    status: { phase: 'Running', podIP: '10.53.0.1', ...status },
  });
  const page = (items: readonly object[], next?: string) =>
    JSON.stringify({ metadata: { resourceVersion: '7', ...(next ? { continue: next } : {}) }, items });

  test('are read page by page, each by its address of IPv4', async () => {
    const asked: string[] = [];
    const kubectl = (args: readonly string[]) => {
      const path = args.at(-1) ?? '';
      asked.push(path);
      return path.includes('continue=')
        ? page([pod('last', { podIP: 'fd00::3', podIPs: [{ ip: 'fd00::3' }, { ip: '10.53.0.3' }] })])
        : page([pod('first', {}), pod('six', { podIP: 'fd00::2', podIPs: [{ ip: 'fd00::2' }] })], 'a+b');
    };
    const facts = new Facts(fakeContext({ vm: { name: 'vm', programs: { kubectl } } }));
    expect((await facts.get(pods(access))).map(({ name, address }) => [name, address])).toEqual([
      ['first', '10.53.0.1'],
      ['last', '10.53.0.3'],
    ]);
    expect(asked).toEqual(['/api/v1/pods?limit=500', '/api/v1/pods?limit=500&continue=a%2Bb']);
  });

  test('that are not running, not placed or on the host’s network are none', async () => {
    const none = [
      pod('a', { phase: 'Succeeded' }),
      pod('b', {}, { hostNetwork: true }),
      pod('c', {}, { nodeName: undefined }),
    ];
    const kubectl = () => page(none);
    const facts = new Facts(fakeContext({ vm: { name: 'vm', programs: { kubectl } } }));
    expect(await facts.get(pods(access))).toEqual([]);
  });
});
