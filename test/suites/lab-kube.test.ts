import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labApply, labDown } from '../../src/lab/labs.ts';
import { labLayout } from '../../src/lab/layout.ts';
import { tryRun } from '../../src/lab/machines/run.ts';
import type { LabSpec } from '../../src/lab/spec.ts';
import { labSpec, noLab, until } from '../helpers/lab.ts';

const NAME = 'lk';
const IBGP = '10.10.2.20';
const EBGP = '10.10.2.21';
const layout = labLayout(NAME);
const supervisor = fileURLToPath(new URL('../lab/kube/bird-routers.js', import.meta.url));
const node = (n: number) => ({ name: `n${n}`, role: n === 1 ? 'server' : 'agent', address: `10.10.2.1${n}` }) as const;

/** Three nodes and two routers, one in their AS and one in another, on one LAN. */
const spec: LabSpec = {
  ...labSpec(NAME),
  topology: 'flat',
  docker: 'none',
  nodeNetwork: '10.10.2.0/24',
  nodes: [node(1), node(2), node(3)],
  routers: [
    { name: 'ibgp', address: IBGP, selfIp: 'internal', switches: {} },
    { name: 'ebgp', address: EBGP, selfIp: 'internal', switches: {} },
  ],
};

const inside = (argv: readonly string[], stdin?: string) =>
  tryRun(['ip', 'netns', 'exec', layout.namespace('n1'), ...argv], stdin);
const kubectl = async (...args: readonly string[]) =>
  (await inside(['kubectl', '--kubeconfig', layout.kubeconfig, ...args])).stdout;
const kubectlApply = (object: unknown) =>
  inside(['kubectl', '--kubeconfig', layout.kubeconfig, 'apply', '-f', '-'], JSON.stringify(object));
const calicoctl = (args: readonly string[], stdin?: unknown) =>
  inside([`${layout.bin}/calicoctl`, ...args], stdin === undefined ? undefined : JSON.stringify(stdin));

const resource = (kind: string, name: string, spec: object) => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name },
  spec,
});
const apply = (...resources: readonly object[]) => calicoctl(['apply', '-f', '-'], resources);
const peer = (name: string, peerIP: string, asNumber: number, other: object = {}) =>
  resource('BGPPeer', name, { peerIP, asNumber, ...other });

const bird = async (socket: string, ...command: readonly string[]) =>
  (await tryRun(['birdcl', '-s', socket, 'show', ...command])).stdout;
const ofRouter = (name: string, ...command: readonly string[]) => bird(`${layout.unit(name)}/bird.ctl`, ...command);
const ofNode = (name: string, ...command: readonly string[]) => bird(layout.node(name).birdSocket, ...command);

/** Next hops by network of what a router learned over BGP. */
async function learned(router: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const table: Record<string, string[]> = {};
  let network = '';
  for (const line of (await ofRouter(router, 'route')).split('\n')) {
    network = /^(\S+)\s+(unicast|blackhole)/.exec(line)?.[1] ?? network;
    const via = /^\s+via (\S+)/.exec(line)?.[1];
    if (via !== undefined) table[network] = [...(table[network] ?? []), via].sort();
  }
  return table;
}

/** Owner of each block, by its network. */
async function owners(): Promise<Readonly<Record<string, string>>> {
  const { items } = JSON.parse(await kubectl('get', 'blockaffinities', '-o', 'json'));
  const address = (name: string) => spec.nodes.find((each) => each.name === name)?.address ?? '';
  return Object.fromEntries(
    items.map(({ spec: { cidr, node: name } }: { spec: { cidr: string; node: string } }) => [cidr, address(name)]),
  );
}
const blockOf = async (n: number) =>
  Object.entries(await owners()).find(([, owner]) => owner === node(n).address)?.[0] ?? '';
const nthOf = (block: string, n: number) => block.replace(/(\d+)\/\d+$/, (_, last) => String(Number(last) + n));

const same = async (router: string, wanted: () => Promise<unknown>) =>
  until(async () => JSON.stringify(sorted(await learned(router))) === JSON.stringify(sorted(await wanted())));
const sorted = (table: unknown) => Object.entries(table as object).sort(([a], [b]) => (a < b ? -1 : 1));
const map = <T>(table: Readonly<Record<string, string>>, value: (owner: string) => T) =>
  Object.fromEntries(Object.entries(table).map(([network, owner]) => [network, value(owner)]));
const everyNode = spec.nodes.map(({ address }) => address).sort();

const pod = (name: string, on: string, address: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', annotations: { 'cni.projectcalico.org/ipAddrs': JSON.stringify([address]) } },
  spec: { nodeName: on, containers: [{ name: 'echo', image: 'lab/echo' }] },
});
const podNode = async (name: string) =>
  await kubectl('get', 'pod', name, '-o', 'jsonpath={.spec.nodeName} {.status.podIP} {.status.phase}');

describe.skipIf(noLab)("a lab's Kubernetes, from nothing to routes", () => {
  beforeAll(async () => {
    // a run of the tests that was killed leaves its own
    await labDown(NAME);
    await labApply(spec, () => {}, { supervisor });
  });
  afterAll(() => labDown(NAME));

  test('its nodes are Ready and each has a pod that runs', async () => {
    const nodes = await kubectl('get', 'nodes', '--no-headers');
    expect(
      nodes
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/).slice(0, 3)),
    ).toEqual([
      ['n1', 'Ready', 'control-plane'],
      ['n2', 'Ready', '<none>'],
      ['n3', 'Ready', '<none>'],
    ]);
    expect(await podNode('web-n2')).toMatch(/^n2 10\.53\.\d+\.\d+ Running$/);
  });

  test('the mesh brings the routes of other nodes into the kernel of each', async () => {
    const block = await blockOf(2);
    await until(async () =>
      (await tryRun(['ip', '-n', layout.namespace('n1'), 'route'])).stdout.includes(
        `${block} via 10.10.2.12 dev eth0 proto bird`,
      ),
    );
  });

  test('calicoctl of another version refuses to work, unless it is told to', async () => {
    expect((await calicoctl(['version'])).stdout).toContain(
      'Cluster Version:   v3.31.7\nCluster Type:      k8s,bgp,kdd\n',
    );
    const say = (calicoVersion: string) =>
      kubectl(
        'patch',
        'clusterinformation',
        'default',
        '--type=merge',
        '-p',
        JSON.stringify({ spec: { calicoVersion } }),
      );
    await say('v3.32.1');
    const { code, stderr } = await calicoctl(['get', 'bgppeer']);
    expect([code, stderr]).toEqual([
      1,
      'Version mismatch.\nClient Version:   v3.31.7\nCluster Version:  3.32.1\nUse --allow-version-mismatch to override.\n\n',
    ]);
    expect((await calicoctl(['get', 'bgppeer', '--allow-version-mismatch'])).code).toBe(0);
    await say('v3.31.7');
  });

  test('calicoctl refuses a field that there is not', async () => {
    const { stderr } = await apply(peer('x', IBGP, 64512, { hat: 1 }));
    expect(stderr).toBe('field in document is not recognized or is in the wrong location: hat\n');
  });

  test('a fresh cluster has neither a BGPConfiguration nor a BGPPeer', async () => {
    const { code, stderr } = await calicoctl(['get', 'bgpconfig', 'default', '-o', 'json']);
    expect([code, stderr]).toEqual([
      1,
      'resource does not exist: BGPConfiguration(default) with error: bgpconfigurations.crd.projectcalico.org "default" not found\n',
    ]);
    expect((await calicoctl(['get', 'bgppeer', '-o', 'json'])).stdout).toContain('"items": []');
  });

  test('an iBGP router sees each block once, from its owner', async () => {
    expect((await apply(peer('ibgp', IBGP, 64512))).stdout).toBe("Successfully applied 1 'BGPPeer' resource(s)\n");
    await same('ibgp', async () => map(await owners(), (owner) => [owner]));
  });

  test('an eBGP router sees each block from every node', async () => {
    await apply(peer('ebgp', EBGP, 65010));
    await same('ebgp', async () => map(await owners(), () => everyNode));
  });

  test('kept next hops lead to the owner, still over every node', async () => {
    await apply(peer('ebgp', EBGP, 65010, { nextHopMode: 'Keep' }));
    await same('ebgp', async () => map(await owners(), (owner) => [owner, owner, owner]));
  });

  test("a filter leaves the owner's path alone, and no other session is touched", async () => {
    const sessions = async () =>
      (await ofNode('n1', 'protocols')).split('\n').filter((line) => /^(Mesh|Global_10_10_2_20)/.test(line));
    const before = await sessions();
    await apply(
      resource('BGPFilter', 'own-blocks', { exportV4: [{ action: 'Reject', source: 'RemotePeers' }] }),
      peer('ebgp', EBGP, 65010, { filters: ['own-blocks'] }),
    );
    await same('ebgp', async () => map(await owners(), (owner) => [owner]));
    expect(await sessions()).toEqual(before);
    expect(before).toHaveLength(3);
  });

  test('kubectl exec reads BIRD, and cannot change it', async () => {
    const name = (
      await kubectl(
        'get',
        'pods',
        '-n',
        'kube-system',
        '-l',
        'k8s-app=calico-node',
        '--field-selector',
        'spec.nodeName=n2',
        '-o',
        'name',
      )
    ).trim();
    const exec = (...argv: readonly string[]) =>
      inside([
        'kubectl',
        '--kubeconfig',
        layout.kubeconfig,
        'exec',
        '-n',
        'kube-system',
        name,
        '-c',
        'calico-node',
        '--',
        ...argv,
      ]);
    const shown = await exec('birdcl', 'show', 'protocols', 'all');
    expect(shown.stdout).toMatch(
      /^BIRD .* ready\.\n[\s\S]*Global_10_10_2_20 BGP .* up .* Established[\s\S]*Neighbor AS: +64512/,
    );
    expect(await exec('birdcl', 'disable', 'all')).toMatchObject({ code: 1, stdout: 'Access denied\n' });
    expect(await exec('sh')).toMatchObject({ code: 126 });
  });

  test('a borrowed address is a route of its own, to the borrower', async () => {
    const address = nthOf(await blockOf(2), 9);
    await kubectlApply(pod('borrower', 'n3', address));
    await same('ibgp', async () => ({ ...map(await owners(), (owner) => [owner]), [`${address}/32`]: ['10.10.2.13'] }));
    await until(async () => (await podNode('borrower')) === `n3 ${address} Running`);
    await kubectl('delete', 'pod', 'borrower');
    await same('ibgp', async () => map(await owners(), (owner) => [owner]));
  });

  test('a new block is learned when a pod asks for an address in it', async () => {
    await kubectlApply(pod('settler', 'n3', '10.53.200.5'));
    await until(async () => (await owners())['10.53.200.0/26'] === '10.10.2.13');
    await same('ibgp', async () => map(await owners(), (owner) => [owner]));
    await kubectl('delete', 'pod', 'settler');
  });

  test('a block moves: its affinity is deleted and a pod elsewhere asks for an address in it', async () => {
    await kubectl('delete', 'blockaffinity', 'n3-10-53-200-0-26');
    await until(async () => !('10.53.200.0/26' in (await learned('ibgp'))));
    await kubectlApply(pod('mover', 'n2', '10.53.200.6'));
    await same('ibgp', async () => ({ ...map(await owners(), (owner) => [owner]), '10.53.200.0/26': ['10.10.2.12'] }));
    await kubectl('delete', 'pod', 'mover');
  });

  test('without the mesh a node knows nothing of the others, while routers know as much as before', async () => {
    await apply(resource('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false, asNumber: 64512 }));
    await until(async () => !(await ofNode('n1', 'protocols')).includes('Mesh_'));
    await same('ibgp', async () => map(await owners(), (owner) => [owner]));
    const block = await blockOf(2);
    await until(async () => !(await ofNode('n1', 'route')).includes(block));
    await calicoctl(['delete', 'bgpconfig', 'default']);
    await until(async () => ((await ofNode('n1', 'protocols')).match(/Mesh_.*Established/g) ?? []).length === 2);
  });

  test('an API server that is killed comes back with everything it had', async () => {
    const before = await kubectl('get', 'bgppeers,blockaffinities,pods', '-o', 'name');
    const pids = (await tryRun(['ip', 'netns', 'pids', layout.namespace('n1')])).stdout.trim().split('\n');
    const commands = await Promise.all(
      pids.map(async (pid) => ({ pid, command: (await tryRun(['cat', `/proc/${pid}/cmdline`])).stdout })),
    );
    const api = commands.find(({ command }) => command.includes('--calico-api'));
    process.kill(Number(api?.pid), 'SIGTERM');
    await until(async () => (await kubectl('get', 'bgppeers,blockaffinities,pods', '-o', 'name')) === before);
  });

  test('a node that left the spec leaves nothing behind', async () => {
    const block = await blockOf(3);
    const kernelRoutes = async () => (await tryRun(['ip', '-n', layout.namespace('n1'), 'route'])).stdout;
    await until(async () => (await kernelRoutes()).includes(block));
    await labApply({ ...spec, nodes: [node(1), node(2)] }, () => {}, { supervisor });
    expect(await kubectl('get', 'nodes', '-o', 'name')).toBe('node/n1\nnode/n2\n');
    expect(await kubectl('get', 'pods', '-A', '-o', 'jsonpath={.items[*].spec.nodeName}')).not.toContain('n3');
    await until(async () => !(block in (await owners())));
    // Routers remember what its BIRD said for the time of a graceful restart; the nodes know better.
    await until(async () => !(await kernelRoutes()).includes(block));
  });

  test('who brings another token is not let in', async () => {
    const { code, stderr } = await inside([
      'kubectl',
      '--kubeconfig',
      layout.kubeconfig,
      '--token',
      'x',
      'get',
      'nodes',
    ]);
    expect([code, stderr]).toEqual([1, 'error: You must be logged in to the server (Unauthorized)\n']);
  });
});
