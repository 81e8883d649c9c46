import { describe, expect, test } from 'vitest';
import type { StepFactory } from '../../../src/core/define-step.ts';
import { reconcile } from '../../../src/core/reconcile.ts';
import type { Step } from '../../../src/core/step.ts';
import { ourLabels } from '../../../src/kube/calico-objects.ts';
import type { CalicoPlace } from '../../../src/kube/calico-write.ts';
import { bgpSettings, calicoBgpConfiguration } from '../../../src/steps/calico/bgp-configuration.ts';
import { calicoBgpFilters, ownBlocksOnly } from '../../../src/steps/calico/bgp-filters.ts';
import { calicoBgpPeers, globalPeer } from '../../../src/steps/calico/bgp-peers.ts';
import { fakeContext, Power } from '../../helpers/fake-host.ts';
import { FakeKube, type FakeObject } from '../../helpers/fake-kube.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const HOST = 'netns:lab-vm-vm';
const apis = ['crd', 'v3'] as const;
const placeOf = (api: CalicoPlace['api']): CalicoPlace => ({
  identity: 'uid-1',
  kube: { host: HOST, kubeconfig: '/run/kubeconfig' },
  cluster: 'cpaas1',
  api,
});

const object = (kind: string, name: string, spec: FakeObject['spec'] = {}, labels = {}): FakeObject => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name, labels },
  spec,
});

function cluster(api: CalicoPlace['api'], ...objects: readonly FakeObject[]) {
  const power = new Power();
  const kube = new FakeKube(power, { api, objects });
  const machines = { [HOST]: { name: 'vm', programs: kube.programs } };
  return { kube, power, machines, ctx: fakeContext(machines), dump: () => kube.dump() };
}

/** What a step would do in a world, and what keeps it from doing so. */
async function look(step: Step, world: ReturnType<typeof cluster>) {
  const { changes, conflicts } = reconcile(step, await step.read(world.ctx, new Set(step.want.keys())), new Map());
  return { changes, conflicts, lines: changes.map(step.describe), risks: changes.map((change) => step.risk(change)) };
}

const sends = async <Value>(
  kind: StepFactory<CalicoPlace, Value>,
  wish: readonly (readonly [string, Value])[],
  api: CalicoPlace['api'],
  ...found: readonly FakeObject[]
) => {
  const world = cluster(api, ...found);
  const step = kind(placeOf(api), wish);
  await step.write(world.ctx, (await look(step, world)).changes);
  return world.ctx.sent
    .map(({ argv, stdin }) => `${argv.join(' ')}${stdin === undefined ? '' : `\n${stdin}`}`)
    .join('\n');
};

const otherPeer = object('BGPPeer', 'rack', { node: 'agent-0', peerIP: '10.10.2.29', asNumber: 65001 });
const theirs = object('BGPPeer', 'theirs', { peerIP: '192.0.2.1', asNumber: '65000' });
const othersFilter = object('BGPFilter', 'theirs', { importV4: [{ action: 'Reject' }] }, ourLabels('cpaas2'));

for (const api of apis) {
  const place = placeOf(api);

  stepLaws(`calico.bgp-configuration (${api}), without the object`, {
    step: calicoBgpConfiguration,
    place,
    world: () => cluster(api),
    wishes: [
      bgpSettings({ asNumber: 64512, nodeToNodeMeshEnabled: true }),
      bgpSettings({ asNumber: 65001, nodeToNodeMeshEnabled: false, logSeverityScreen: 'Debug' }),
    ],
  });

  stepLaws(`calico.bgp-configuration (${api}), in somebody else's object`, {
    step: calicoBgpConfiguration,
    place,
    world: () =>
      cluster(
        api,
        object('BGPConfiguration', 'default', {
          logSeverityScreen: 'Warning',
          nodeToNodeMeshEnabled: false,
          serviceClusterIPs: [{ cidr: '10.43.0.0/16' }],
          serviceLoadBalancerAggregation: 'Enabled',
        }),
      ),
    wishes: [
      bgpSettings({ asNumber: 64512, nodeToNodeMeshEnabled: true }),
      bgpSettings({ asNumber: 65001, nodeToNodeMeshEnabled: false, logSeverityScreen: 'Debug' }),
    ],
  });

  stepLaws(`calico.bgp-peers (${api})`, {
    step: calicoBgpPeers,
    place,
    world: () => cluster(api, otherPeer, theirs),
    foreign: ({ dump }) => (dump() as FakeObject[]).filter(({ metadata: { name } }) => /rack|theirs/.test(name)),
    wishes: [
      [globalPeer('bigip1', '10.10.2.20', 64512), globalPeer('bigip2', '10.10.2.21', 64512)],
      [globalPeer('bigip1', '10.10.2.20', 65001, { filters: ['own-blocks'] }), globalPeer('late', '10.10.2.21', 65002)],
      [globalPeer('same', '192.0.2.1', 65000)],
    ],
  });

  stepLaws(`calico.bgp-filters (${api})`, {
    step: calicoBgpFilters,
    place,
    world: () => cluster(api, othersFilter),
    wishes: [[ownBlocksOnly('cpaas-own-blocks')], [['cpaas-own-blocks', { exportV4: [] }], ownBlocksOnly('second')]],
  });
}

test.for([calicoBgpConfiguration, calicoBgpFilters, calicoBgpPeers])(
  '$kind is in the same place by whatever kubeconfig its cluster is reached, and in another cluster elsewhere',
  (kind) => {
    const place = placeOf('crd');
    const copied = { ...place, kube: { host: HOST, kubeconfig: '/root/copied', context: 'renamed' } };
    expect(kind(copied, []).id).toBe(kind(place, []).id);
    expect(kind({ ...place, identity: 'uid-2' }, []).id).not.toBe(kind(place, []).id);
  },
);

describe('calico.bgp-configuration', () => {
  const wish = bgpSettings({ asNumber: 64512, nodeToNodeMeshEnabled: true });

  test('creates the object that nobody made, with our labels', async () => {
    expect(await sends(calicoBgpConfiguration, wish, 'crd')).toMatchInlineSnapshot(`
      "env CALICO_DATASTORE_TYPE=kubernetes CALICO_KUBECONFIG=/run/kubeconfig calicoctl create -f -
      apiVersion: projectcalico.org/v3
      kind: BGPConfiguration
      metadata:
        name: default
        labels:
          app.kubernetes.io/managed-by: cpaas
          cpaas.dev/cluster: cpaas1
      spec:
        asNumber: 64512
        nodeToNodeMeshEnabled: true
      "
    `);
    expect(await sends(calicoBgpConfiguration, wish, 'v3')).toMatchInlineSnapshot(`
      "kubectl --kubeconfig /run/kubeconfig --request-timeout 20s create --validate=false -f -
      apiVersion: projectcalico.org/v3
      kind: BGPConfiguration
      metadata:
        name: default
        labels:
          app.kubernetes.io/managed-by: cpaas
          cpaas.dev/cluster: cpaas1
      spec:
        asNumber: 64512
        nodeToNodeMeshEnabled: true
      "
    `);
  });

  test("changes its own fields in somebody else's object and puts no label on it", async () => {
    const found = object('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false, listenPort: 1790 });
    expect(await sends(calicoBgpConfiguration, wish, 'crd', found)).toMatchInlineSnapshot(
      `"env CALICO_DATASTORE_TYPE=kubernetes CALICO_KUBECONFIG=/run/kubeconfig calicoctl patch bgpconfiguration default --patch={"spec":{"asNumber":64512,"nodeToNodeMeshEnabled":true}}"`,
    );
    expect(await sends(calicoBgpConfiguration, wish, 'v3', found)).toMatchInlineSnapshot(
      `"kubectl --kubeconfig /run/kubeconfig --request-timeout 20s patch bgpconfigurations.projectcalico.org default --type=merge --patch {"spec":{"asNumber":64512,"nodeToNodeMeshEnabled":true}}"`,
    );
  });

  test("somebody else's AS number is refused, with both numbers", async () => {
    const found = object('BGPConfiguration', 'default', { asNumber: '64999' });
    const { conflicts } = await look(calicoBgpConfiguration(placeOf('crd'), wish), cluster('crd', found));
    expect(conflicts).toEqual([
      { key: 'asNumber', why: "BGPConfiguration default is somebody else's and has AS 64999, not 64512" },
    ]);
  });

  test('says in words what it does, and what a node mesh that goes off costs', async () => {
    const off = bgpSettings({ asNumber: 64512, nodeToNodeMeshEnabled: false });
    const { lines, risks } = await look(calicoBgpConfiguration(placeOf('crd'), off), cluster('crd'));
    expect(lines).toEqual(['BGPConfiguration default', 'asNumber 64512', 'node mesh off']);
    expect(risks).toEqual([
      { risk: 'additive' },
      { risk: 'additive' },
      {
        risk: 'disruptive',
        why: 'nodes no longer learn the pod blocks of other nodes, unless there is a route reflector',
      },
    ]);
  });

  test('an object of ours that somebody else put to use is not taken away from them', async () => {
    const world = cluster('crd');
    const step = calicoBgpConfiguration(placeOf('crd'), wish);
    await step.write(world.ctx, (await look(step, world)).changes);
    for (const made of world.kube.objects.values())
      world.kube.objects.set('BGPConfiguration default', { ...made, spec: { ...made.spec, listenPort: 1790 } });
    const nothing = calicoBgpConfiguration(placeOf('crd'), []);
    const { lines } = await look(nothing, world);
    expect(lines).toEqual(['asNumber 64512', 'node mesh on']);
    expect(nothing.commands((await look(nothing, world)).changes)).toHaveLength(1);
    expect(nothing.commands((await look(nothing, world)).changes)[0]?.argv).toContain('patch');
  });
});

describe('calico.bgp-peers', () => {
  const wish = [globalPeer('bigip1', '10.10.2.20', 64512)];
  const conflictsWith = async (spec: FakeObject['spec']) =>
    (await look(calicoBgpPeers(placeOf('crd'), wish), cluster('crd', object('BGPPeer', 'hand', spec)))).conflicts;

  test('says what of a peer becomes something else, and no more', async () => {
    const told = async (spec: FakeObject['spec']) =>
      (
        await look(
          calicoBgpPeers(placeOf('crd'), wish),
          cluster('crd', object('BGPPeer', 'bigip1', spec, ourLabels('cpaas1'))),
        )
      ).lines;
    expect(await told({ peerIP: '10.10.2.20', asNumber: 65001 })).toEqual([
      'BGPPeer bigip1: 10.10.2.20 in AS 65001 → 64512',
    ]);
    expect(await told({ peerIP: '10.10.2.20', asNumber: 64512, maxRestartTime: '120s' })).toEqual([
      'BGPPeer bigip1: 10.10.2.20 in AS 64512, maxRestartTime 2m0s → nothing',
    ]);
  });

  test('makes peers of one call, and peers of another AS anew', async () => {
    const two = [
      globalPeer('bigip1', '10.10.2.20', 65001, { filters: ['own-blocks'] }),
      globalPeer('bigip2', '10.10.2.21', 64512),
    ];
    const mine = object('BGPPeer', 'bigip1', { peerIP: '10.10.2.20', asNumber: 64512 }, ourLabels('cpaas1'));
    expect(await sends(calicoBgpPeers, two, 'crd', mine)).toMatchInlineSnapshot(`
      "env CALICO_DATASTORE_TYPE=kubernetes CALICO_KUBECONFIG=/run/kubeconfig calicoctl create -f -
      apiVersion: projectcalico.org/v3
      kind: BGPPeer
      metadata:
        name: bigip2
        labels:
          app.kubernetes.io/managed-by: cpaas
          cpaas.dev/cluster: cpaas1
      spec:
        peerIP: 10.10.2.21
        asNumber: 64512

      env CALICO_DATASTORE_TYPE=kubernetes CALICO_KUBECONFIG=/run/kubeconfig calicoctl replace -f -
      apiVersion: projectcalico.org/v3
      kind: BGPPeer
      metadata:
        name: bigip1
        labels:
          app.kubernetes.io/managed-by: cpaas
          cpaas.dev/cluster: cpaas1
      spec:
        peerIP: 10.10.2.20
        asNumber: 65001
        filters:
          - own-blocks
      "
    `);
    expect(await sends(calicoBgpPeers, [], 'crd', mine)).toMatchInlineSnapshot(
      `"env CALICO_DATASTORE_TYPE=kubernetes CALICO_KUBECONFIG=/run/kubeconfig calicoctl delete bgppeer bigip1 --skip-not-exists"`,
    );
    expect(await sends(calicoBgpPeers, [], 'v3', mine)).toMatchInlineSnapshot(
      `"kubectl --kubeconfig /run/kubeconfig --request-timeout 20s delete bgppeers.projectcalico.org bigip1 --ignore-not-found"`,
    );
  });

  test("somebody's equal peer is left, whatever its name", async () => {
    const found = object('BGPPeer', 'rtr', { peerIP: '10.10.2.20', asNumber: '64512', keepOriginalNextHop: true });
    expect(await look(calicoBgpPeers(placeOf('crd'), wish), cluster('crd', found))).toMatchObject({
      changes: [],
      conflicts: [],
    });
  });

  test("somebody's peer in another AS is refused, with both numbers", async () => {
    expect(await conflictsWith({ peerIP: '10.10.2.20', asNumber: 65001 })).toEqual([
      {
        key: '10.10.2.20',
        why: "BGPPeer hand for 10.10.2.20 is somebody else's and has asNumber 65001 instead of 64512",
      },
    ]);
  });

  test.each([
    '2001:DB8:20::11',
    '2001:db8:20:0:0:0:0:11',
    '[2001:db8:20::11]:179',
    '10.1.20.11:179',
    '[10.1.20.11]:179',
  ])('a peer whose address is spelled %s is known for what it is', async (peerIP) => {
    const both = [globalPeer('bigip1', '10.1.20.11', 64512), globalPeer('bigip1-ipv6', '2001:db8:20::11', 64512)];
    const at = peerIP.includes('10.1') ? '10.1.20.11' : '2001:db8:20::11';
    const looked = async (asNumber: number, labels?: Record<string, string>) => {
      const world = cluster('crd', object('BGPPeer', 'hand', { peerIP, asNumber }, labels));
      const { changes, conflicts } = await look(calicoBgpPeers(placeOf('crd'), both), world);
      return { changed: changes.map(({ key }) => key).includes(at), conflicts: conflicts.map(({ key }) => key) };
    };
    expect(await looked(64512)).toEqual({ changed: false, conflicts: [] });
    expect(await looked(64512, ourLabels('cpaas1'))).toEqual({ changed: false, conflicts: [] });
    expect(await looked(65001)).toEqual({ changed: false, conflicts: [at] });
  });

  test.each([
    ['10.1.20.11:1790', '10.1.20.11'],
    ['[2001:DB8:20::11]:1790', '2001:db8:20::11'],
  ])("somebody's peer at another port (%s) is refused, with the port", async (peerIP, address) => {
    const here = [globalPeer('bigip1', address, 64512)];
    const elsewhere = object('BGPPeer', 'hand', { peerIP, asNumber: 64512 });
    const conflictsAmong = async (...peers: FakeObject[]) =>
      (await look(calicoBgpPeers(placeOf('crd'), here), cluster('crd', ...peers))).conflicts.map(({ why }) => why);
    expect(await conflictsAmong(elsewhere)).toEqual([
      `BGPPeer hand for ${address} is somebody else's and has peerIP ${peerIP.toLowerCase()} instead of ${address}`,
    ]);
    const same = (name: string) => object('BGPPeer', name, { peerIP: address, asNumber: 64512 });
    expect(await conflictsAmong(same('first'), elsewhere)).toEqual([]);
    expect(await conflictsAmong(elsewhere, same('last'))).toEqual([]);
  });

  test('what is no address is left as it is', async () => {
    expect(await conflictsWith({ peerIP: 'fe80::1%eth0', asNumber: 65001 })).toEqual([]);
  });

  const whysAt = async (spec: FakeObject['spec']) => (await conflictsWith(spec)).map(({ why }) => why);

  test.each([
    [{ node: 'node-1' }, 'node node-1'],
    [{ nodeSelector: "rack == 'a'" }, "the nodes rack == 'a'"],
  ])('a peer of single nodes at our address is not pushed aside: %j', async (nodes, which) => {
    expect(await whysAt({ peerIP: '10.10.2.20', asNumber: 64512, ...nodes })).toEqual([
      `BGPPeer hand for 10.10.2.20 is somebody else's and of ${which}: Calico would drop it for a peer of all nodes`,
    ]);
    expect(await whysAt({ peerIP: '10.10.2.99', asNumber: 65001, ...nodes })).toEqual([]);
  });

  test.each(['10.10.2.20:1179', '[10.10.2.20]:1179'])(
    'a peer of single nodes at another port (%s) is left: Calico has both',
    async (peerIP) => {
      const rack = object('BGPPeer', 'rack', { peerIP, nodeSelector: "rack == 'a'" });
      const world = cluster('crd', rack);
      expect(await look(calicoBgpPeers(placeOf('crd'), wish), world)).toMatchObject({
        conflicts: [],
        changes: [{ key: '10.10.2.20', from: undefined }],
      });
      expect(await whysAt({ peerIP: '10.10.2.20:179', nodeSelector: "rack == 'a'" })).toHaveLength(1);
    },
  );

  test('a peer of ours that somebody has given nodes is mended, and goes with the others', async () => {
    const spec = { peerIP: '10.10.2.20', asNumber: 64512, nodeSelector: "rack == 'a'" };
    const ours = object('BGPPeer', 'bigip1', spec, ourLabels('cpaas1'));
    const { conflicts, lines } = await look(calicoBgpPeers(placeOf('crd'), wish), cluster('crd', ours));
    expect(conflicts).toEqual([]);
    expect(lines).toEqual(["BGPPeer bigip1: 10.10.2.20 in AS 64512, nodeSelector rack == 'a' → nothing"]);
    expect(await sends(calicoBgpPeers, wish, 'crd', ours)).toMatch(
      /calicoctl replace .*peerIP: 10\.10\.2\.20\n {2}asN/s,
    );
    expect(await sends(calicoBgpPeers, [], 'crd', ours)).toContain('calicoctl delete bgppeer bigip1');
  });

  test('of two of ours the one of all nodes is ours to manage, whichever is named first', async () => {
    const every = (name: string) => object('BGPPeer', name, wish[0]?.[1].spec, ourLabels('cpaas1'));
    const some = (name: string) =>
      object('BGPPeer', name, { ...wish[0]?.[1].spec, node: 'node-1' }, ourLabels('cpaas1'));
    const changed = async (...peers: FakeObject[]) =>
      (await look(calicoBgpPeers(placeOf('crd'), wish), cluster('crd', ...peers))).changes;
    expect(await changed(every('a'), some('b'))).toEqual([]);
    expect(await changed(some('a'), every('b'))).toEqual([]);
  });

  test('a peer that selects all nodes is one of all nodes', async () => {
    const all = { peerIP: '10.10.2.20', nodeSelector: 'all()' };
    expect(await whysAt({ ...all, asNumber: 64512 })).toEqual([]);
    expect(await whysAt({ ...all, asNumber: 65001 })).toEqual([expect.stringContaining('asNumber 65001')]);
  });

  test('of two for one address the one of all nodes counts, as it does for Calico', async () => {
    const some = object('BGPPeer', 'some', { peerIP: '10.10.2.20', asNumber: 65001, node: 'node-1' });
    const every = object('BGPPeer', 'every', { peerIP: '10.10.2.20', asNumber: 64512 });
    const among = async (...peers: FakeObject[]) =>
      (await look(calicoBgpPeers(placeOf('crd'), wish), cluster('crd', ...peers))).conflicts;
    expect(await among(some, every)).toEqual([]);
    expect(await among(every, some)).toEqual([]);
  });

  test('peers of nodes or workloads that are found by a selector are none of ours', async () => {
    expect(await conflictsWith({ peerSelector: "rr == 'true'" })).toEqual([]);
    expect(await conflictsWith({ localWorkloadSelector: 'all()', asNumber: 65001 })).toEqual([]);
  });

  test('a new name for a router in the file ends no session', async () => {
    const mine = object('BGPPeer', 'old', { peerIP: '10.10.2.20', asNumber: 64512 }, ourLabels('cpaas1'));
    expect((await look(calicoBgpPeers(placeOf('crd'), wish), cluster('crd', mine))).changes).toEqual([]);
  });

  test('a name that is taken is refused by the API, and nothing is overwritten', async () => {
    const world = cluster('crd', object('BGPPeer', 'bigip1', { peerIP: '198.51.100.1', asNumber: 1 }));
    const before = world.dump();
    const step = calicoBgpPeers(placeOf('crd'), wish);
    await expect(step.write(world.ctx, (await look(step, world)).changes)).rejects.toMatchObject({
      code: 'KUBE.REFUSED',
    });
    expect(world.dump()).toEqual(before);
  });

  test('taking a router away names the sessions that end', () => {
    const [key, from] = globalPeer('bigip1', '10.10.2.20', 64512);
    const step = calicoBgpPeers(placeOf('crd'), []);
    expect(step.risk({ key, from, to: undefined, before: undefined, cause: 'unwanted' })).toEqual({
      risk: 'disruptive',
      why: 'the sessions of all nodes with 10.10.2.20 end',
    });
  });
});

describe('calico.bgp-filters', () => {
  test("somebody else's filter of the name is refused", async () => {
    const step = calicoBgpFilters(placeOf('crd'), [ownBlocksOnly('theirs')]);
    expect((await look(step, cluster('crd', othersFilter))).conflicts).toEqual([
      { key: 'theirs', why: "BGPFilter theirs is somebody else's and has other rules" },
    ]);
  });

  test('rejects what was learned from peers', async () => {
    expect(await sends(calicoBgpFilters, [ownBlocksOnly('own-blocks')], 'v3')).toMatchInlineSnapshot(`
      "kubectl --kubeconfig /run/kubeconfig --request-timeout 20s create --validate=false -f -
      apiVersion: projectcalico.org/v3
      kind: BGPFilter
      metadata:
        name: own-blocks
        labels:
          app.kubernetes.io/managed-by: cpaas
          cpaas.dev/cluster: cpaas1
      spec:
        exportV4:
          - action: Reject
            source: RemotePeers
      "
    `);
  });
});
