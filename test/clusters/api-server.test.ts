import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Facts } from '../../src/core/facts.ts';
import { reconcile } from '../../src/core/reconcile.ts';
import type { Step } from '../../src/core/step.ts';
import { clusterBgp } from '../../src/facts/cluster/bgp.ts';
import { calicoBackend } from '../../src/facts/cluster/calico-backend.ts';
import { calicoPools } from '../../src/facts/cluster/calico-pools.ts';
import { calicoVersion } from '../../src/facts/cluster/calico-version.ts';
import { leftOutNodes } from '../../src/facts/cluster/joined-nodes.ts';
import { nodes } from '../../src/facts/cluster/nodes.ts';
import { podBlocks } from '../../src/facts/cluster/pod-blocks.ts';
import { pods } from '../../src/facts/cluster/pods.ts';
import { calicoApi } from '../../src/kube/calico-api.ts';
import { ourLabels } from '../../src/kube/calico-objects.ts';
import { bgpSettings, calicoBgpConfiguration } from '../../src/steps/calico/bgp-configuration.ts';
import { calicoBgpFilters, ownBlocksOnly } from '../../src/steps/calico/bgp-filters.ts';
import { bgpPasswords, calicoBgpPasswords, passwordOf } from '../../src/steps/calico/bgp-passwords.ts';
import { calicoBgpPeers, globalPeer } from '../../src/steps/calico/bgp-peers.ts';
import { type ApiServer, noApiServer, startApiServer } from '../helpers/api-server.ts';

if (noApiServer) console.warn(`skipped: ${noApiServer}`);

// What cpaas reads and writes, by the real kubectl on a real API server that holds it against Calico's published definitions.

const BGP = ['bgpconfigurations', 'bgpfilters', 'bgppeers'];
/** What differs between an object and the same object made again. */
const OF_THE_SERVER = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields'];
/** And what calicoctl notes of an object that it has touched, where that is no more than when it was made. */
const isOfWriter = (field: string, value: unknown): boolean =>
  OF_THE_SERVER.includes(field) ||
  (field === 'annotations' &&
    /^\{"projectcalico.org\/metadata":"\{\\"creationTimestamp\\":[^,]*\}"\}$/.test(JSON.stringify(value)));

describe.skipIf(noApiServer).sequential.each(['crd', 'v3'] as const)('an API server with the kinds of %s', (api) => {
  const group = api === 'v3' ? 'projectcalico.org' : 'crd.projectcalico.org';
  const apiVersion = `${group}/${api === 'v3' ? 'v3' : 'v1'}`;
  const calico = (kind: string, name: string, spec: object) => ({ apiVersion, kind, metadata: { name }, spec });
  const core = (
    kind: string,
    name: string,
    rest: { readonly metadata?: object; readonly [part: string]: unknown },
  ) => ({
    apiVersion: 'v1',
    kind,
    ...rest,
    metadata: { name, ...rest.metadata },
  });
  const node = (name: string, address: string, annotations: object = {}) =>
    core('Node', name, { metadata: { annotations: { 'projectcalico.org/IPv4Address': address, ...annotations } } });

  let server: ApiServer;
  const facts = () => new Facts(server.ctx);
  const place = () => ({ identity: 'real', kube: server.kube, cluster: 'cpaas1', api });

  /** What the API server holds of BGP, and of passwords. */
  async function held(): Promise<unknown> {
    const kinds = [...BGP.map((kind) => `${kind}.${group}`), 'secrets', 'roles', 'rolebindings'].join(',');
    const { items } = JSON.parse(await server.kubectl(['get', kinds, '-A', '-o', 'json'])) as {
      items: { metadata: Record<string, unknown> }[];
    };
    return items.map(({ metadata, ...object }) => ({
      ...object,
      metadata: Object.fromEntries(Object.entries(metadata).filter(([field, value]) => !isOfWriter(field, value))),
    }));
  }

  const look = async (step: Step) => reconcile(step, await step.read(server.ctx, new Set(step.want.keys())), new Map());
  /** One run: what it changed, in words; after it nothing is left to do. */
  async function run(step: Step): Promise<readonly string[]> {
    const { changes, conflicts } = await look(step);
    if (conflicts.length > 0) throw new Error(conflicts.map(({ why }) => why).join());
    await step.write(server.ctx, changes);
    expect((await look(step)).changes).toEqual([]);
    return changes.map(step.describe);
  }

  beforeAll(async () => {
    server = await startApiServer(api);
    await server.create(
      calico('ClusterInformation', 'default', { calicoVersion: 'v3.31.7', datastoreReady: true }),
      calico('BGPConfiguration', 'default', {
        ...{ nodeToNodeMeshEnabled: true, listenPort: 1179, bindMode: 'NodeIP', logSeverityScreen: 'Warning' },
        ...{ serviceClusterIPs: [{ cidr: '10.43.0.0/16' }], serviceLoadBalancerAggregation: 'Disabled' },
        communities: [{ name: 'pods', value: '64512:100' }],
        prefixAdvertisements: [{ cidr: '10.53.0.0/16', communities: ['pods', '64512:200'] }],
        nodeMeshPassword: { secretKeyRef: { name: 'mesh', key: 'password' } },
      }),
      calico('BGPConfiguration', 'node.a.example.com', { logSeverityScreen: 'Debug' }),
      calico('BGPFilter', 'theirs', {
        exportV4: [{ action: 'Accept', matchOperator: 'In', cidr: '10.53.0.0/16', prefixLength: { min: 26, max: 32 } }],
        importV6: [{ action: 'Reject', interface: '*.calico' }],
      }),
      calico('BGPPeer', 'reflectors', { nodeSelector: '!has(rr)', peerSelector: 'has(rr)' }),
      calico('BGPPeer', 'rack', {
        ...{ nodeSelector: "rack == 'a'", peerIP: '192.0.2.1:1790', asNumber: 65001, localASNumber: 65009 },
        ...{ sourceAddress: 'None', reachableBy: '192.0.2.254', keepOriginalNextHop: true, nextHopMode: 'Keep' },
        ...{ filters: ['theirs'], maxRestartTime: '300s', ttlSecurity: 1, numAllowedLocalASNumbers: 2 },
        password: { secretKeyRef: { name: 'rack', key: 'password' } },
      }),
      calico('BGPPeer', 'tor', { node: 'b.example.com', peerIP: '192.0.2.2:179', asNumber: 65001 }),
      calico('BGPPeer', 'by-hand', { peerIP: '10.10.2.19', asNumber: 64512, nodeSelector: 'all()' }),
      calico('IPPool', 'pods', { cidr: '10.53.0.0/16', blockSize: 28, ipipMode: 'CrossSubnet', nodeSelector: 'all()' }),
      calico('IPPool', 'quiet', { cidr: '10.54.0.0/16', disableBGPExport: true, vxlanMode: 'Always' }),
      calico('IPPool', 'off', { cidr: '10.55.0.0/16', disabled: true }),
      calico('IPPool', 'services', {
        cidr: '10.56.0.0/16',
        allowedUses: ['LoadBalancer'],
        assignmentMode: 'Automatic',
      }),
      calico('IPPool', 'six', { cidr: 'fd00:53::/64', blockSize: 122 }),
      node('a.example.com', '10.1.20.20/24', { 'projectcalico.org/ASNumber': '65010' }),
      node('b.example.com', '10.1.20.21/24', { 'projectcalico.org/RouteReflectorClusterID': '244.0.0.1' }),
      core('Node', 'virtual', {}),
      core('ConfigMap', 'calico-config', { metadata: { namespace: 'kube-system' }, data: { calico_backend: 'vxlan' } }),
    );
    const block = (cidr: string, affinity: string, ...users: readonly object[]) =>
      calico('IPAMBlock', cidr.replaceAll(/[./:]/g, '-'), {
        ...{ cidr, affinity, strictAffinity: false, unallocated: [15], deleted: false },
        allocations: [...users.map((_, at) => at), null],
        attributes: users.map((secondary) => ({ handle_id: 'k8s-pod-network.1', secondary })),
      });
    const affinity = (cidr: string, owner: string, more: object = {}) =>
      calico('BlockAffinity', `${owner}-${cidr.replaceAll(/[./:]/g, '-')}`, {
        ...{ cidr, node: owner, state: 'confirmed', type: 'host', deleted: 'false', ...more },
      });
    const [a, b] = [
      { node: 'a.example.com', pod: 'p' },
      { node: 'b.example.com', pod: 'q' },
    ];
    await server.create(
      affinity('10.53.0.0/28', a.node),
      block('10.53.0.0/28', `host:${a.node}`, a, b, { ...b, type: 'ipipTunnelAddress' }),
      affinity('10.53.0.16/28', b.node, { state: 'pending' }),
      affinity('10.53.0.32/28', b.node, { state: 'pendingDeletion' }),
      affinity('10.54.0.0/28', b.node),
      affinity('10.56.0.0/28', 'load-balancer', { type: 'virtual' }),
      block('10.56.0.0/28', 'virtual:load-balancer', { service: 'x' }),
      affinity('fd00:53::/122', a.node),
    );
    const calicoNode = {
      name: 'calico-node',
      image: 'x',
      env: [
        {
          name: 'CALICO_NETWORKING_BACKEND',
          valueFrom: { configMapKeyRef: { name: 'calico-config', key: 'calico_backend' } },
        },
      ],
    };
    await server.create(
      core('Pod', 'calico-node-x', {
        metadata: { namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } },
        spec: { nodeName: 'a.example.com', hostNetwork: true, containers: [calicoNode] },
      }),
      core('Pod', 'web', {
        metadata: { namespace: 'default' },
        spec: { nodeName: 'a.example.com', containers: [{ name: 'web', image: 'x' }] },
      }),
    );
    const status = { phase: 'Running', podIP: 'fd00:53::1', podIPs: [{ ip: 'fd00:53::1' }, { ip: '10.53.0.1' }] };
    await server.kubectl(['patch', 'pod', 'web', '--subresource=status', '--patch', JSON.stringify({ status })]);
  });
  afterAll(() => server?.close());

  test('is read as it is: versions, nodes, pools, blocks, pods', async () => {
    const { kube } = server;
    expect(await facts().get(calicoApi(kube))).toBe(api);
    expect(await facts().get(calicoVersion(kube))).toBe('v3.31.7');
    expect(await facts().get(clusterBgp(kube))).toEqual({ configured: true, asNumber: 64512, nodeToNodeMesh: true });
    expect(await facts().get(calicoBackend(kube))).toBe('vxlan');
    expect(await facts().get(nodes(kube))).toMatchObject([
      { name: 'a.example.com', address: '10.1.20.20', asNumber: 65010 },
      { name: 'b.example.com', address: '10.1.20.21' },
      { name: 'virtual' },
    ]);
    expect((await facts().get(calicoPools(kube))).map(({ cidr, blockSize }) => `${cidr} ${blockSize}`)).toContain(
      '10.53.0.0/16 28',
    );
    const all = ['a.example.com', 'b.example.com'];
    expect(await facts().get(podBlocks(kube, all))).toEqual([
      { cidr: '10.53.0.0/28', node: 'a.example.com', borrowed: false },
      { cidr: '10.54.0.0/28', node: 'b.example.com', borrowed: false, withheld: true },
      { cidr: '10.53.0.1/32', node: 'b.example.com', borrowed: true },
    ]);
    expect(await facts().get(podBlocks(kube, all, 6))).toMatchObject([{ cidr: 'fd00:53::/122' }]);
    expect(await facts().get(pods(kube))).toEqual([
      { namespace: 'default', name: 'web', node: 'a.example.com', address: '10.53.0.1' },
    ]);
  });

  test('takes what cpaas writes, gives it back as it was asked for, and is afterwards as it was', async () => {
    const before = await held();
    const filter = calicoBgpFilters(place(), [ownBlocksOnly('cpaas-own-blocks', true)]);
    const settings = bgpSettings({ asNumber: 64512, nodeToNodeMeshEnabled: true, logSeverityScreen: 'Debug' });
    expect(await run(calicoBgpConfiguration(place(), settings))).toEqual([
      'asNumber 64512',
      'logSeverityScreen Warning → Debug',
    ]);
    expect(await run(filter)).toEqual(['BGPFilter cpaas-own-blocks']);
    const account = {
      namespace: 'kube-system',
      account: 'calico-node',
      passwords: { 'cpaas-bgp-bigip1': { env: 'X' } },
    };
    const passwords = (...routers: string[]) => calicoBgpPasswords({ ...place(), ...account }, bgpPasswords(routers));
    expect(await run(passwords('bigip1'))).toHaveLength(3);
    const extras = { filters: ['cpaas-own-blocks'], password: passwordOf('bigip1'), restartTime: 300 };
    const peers = (asNumber: number) =>
      calicoBgpPeers(place(), [
        globalPeer('bigip1', '10.10.2.20', asNumber, extras),
        globalPeer('bigip1-ipv6', 'fd00:10::20', asNumber, extras),
        globalPeer('bigip2', '10.10.2.19', 64512),
      ]);
    expect(await run(peers(65001))).toEqual([
      'BGPPeer bigip1: 10.10.2.20 in AS 65001',
      'BGPPeer bigip1-ipv6: fd00:10::20 in AS 65001',
    ]);
    expect(await run(peers(4_200_000_000))).toHaveLength(2);
    expect(await run(calicoBgpPeers(place(), []))).toHaveLength(2);
    expect(await run(passwords())).toHaveLength(3);
    expect(await run(calicoBgpFilters(place(), []))).toHaveLength(1);
    await calicoBgpConfiguration(place(), []).write(server.ctx, [
      { key: 'asNumber', from: 64512, to: undefined, before: undefined, cause: 'unwanted' },
      { key: 'logSeverityScreen', from: 'Debug', to: 'Warning', before: 'Warning', cause: 'unwanted' },
    ]);
    expect(await held()).toEqual(before);
  });

  test('is refused what would push aside a peer of single nodes', async () => {
    const conflictsAt = async (address: string) =>
      (await look(calicoBgpPeers(place(), [globalPeer('tor', address, 65001)]))).conflicts.map(({ why }) => why);
    expect(await conflictsAt('192.0.2.2')).toEqual([expect.stringContaining('of node b.example.com')]);
    // that of the rack is at another port
    expect(await conflictsAt('192.0.2.1')).toEqual([]);
  });

  test('has a peer of ours mended that somebody has given nodes', async () => {
    const spec = { peerIP: '10.10.2.21', asNumber: 64512, nodeSelector: "rack == 'a'" };
    await server.create({ apiVersion, kind: 'BGPPeer', metadata: { name: 'mine', labels: ourLabels('cpaas1') }, spec });
    expect(await run(calicoBgpPeers(place(), [globalPeer('mine', '10.10.2.21', 64512)]))).toEqual([
      "BGPPeer mine: 10.10.2.21 in AS 64512, nodeSelector rack == 'a' → nothing",
    ]);
    expect(await run(calicoBgpPeers(place(), []))).toHaveLength(1);
  });

  test('has a node left out on which nothing of Calico is', async () => {
    expect(await facts().get(leftOutNodes(server.kube))).toEqual(['virtual']);
  });

  test('names the rights that are missing, and a login that it does not know', async () => {
    const { rights, login } = server.without;
    await expect(facts().get(nodes(rights))).rejects.toMatchObject({
      code: 'KUBE.FORBIDDEN',
      message: 'the user of the kubeconfig on here may not list nodes, nor list namespaces',
    });
    await expect(facts().get(nodes(login))).rejects.toMatchObject({ code: 'KUBE.LOGIN' });
    const weak = { ...place(), kube: rights };
    const step = calicoBgpFilters(weak, [ownBlocksOnly('no')]);
    const added = { key: 'no', from: undefined, to: { exportV4: [] }, before: undefined, cause: 'wanted' } as const;
    await expect(step.write(server.ctx, [added])).rejects.toMatchObject({ code: 'KUBE.FORBIDDEN' });
  });
});
