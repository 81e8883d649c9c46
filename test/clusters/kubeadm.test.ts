import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { applied, due, expectWhole } from '../helpers/cpaas.ts';
import { expectDone } from '../helpers/dumps.ts';
import { hostEntry, noCluster, startCluster, type TestCluster } from '../helpers/kubeadm/cluster.ts';
import { cutConnectionAt, killAt, type Moment } from '../helpers/kubeadm/cuts.ts';
import { etcdMembers } from '../helpers/kubeadm/etcd.ts';
import { secretsIn, secretsOn } from '../helpers/kubeadm/secrets.ts';
import { filesBelow, networkOf, objectsOf, snapshotOf, writtenOn } from '../helpers/kubeadm/snapshots.ts';

if (noCluster) console.warn(`skipped: ${noCluster}`);

const KUBECTL = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf'];
const UNITS = { bigip1: '10.1.20.11', bigip2: '10.1.20.12' };
const TOKENS = ['get', 'secrets', '-n', 'kube-system', '--field-selector', 'type=bootstrap.kubernetes.io/token'];
/** A moment of an init that runs: when there is something at a path. */
const inInit = (path: string): Moment => [
  ...['sh', '-c', 'test -e "$1" && pgrep -f "^/opt/kubeadm/bin/kubeadm init" >/dev/null', 'sh', path],
];
/** When the API answers with something. */
const answered = (...words: readonly string[]): Moment => [
  ...['sh', '-c', '[ -n "$("$@" 2>/dev/null)" ]', 'sh'],
  ...[...KUBECTL, ...words, '-o', 'name'],
];

describe.skipIf(noCluster).sequential('two machines and a BIG-IP pair on one LAN, with a real kubeadm', () => {
  let cluster: TestCluster;
  let found: ReadonlyMap<string, string>;
  /** All that cpaas has printed. */
  const printed: string[] = [];
  const up = async (...args: readonly string[]) => {
    const run = await cluster.files.up('--accept-new-host-keys', '--timeout', '180', '-v', ...args);
    printed.push(run.stderr, JSON.stringify(run));
    return run;
  };
  const kubectl = (...words: readonly string[]) => cluster.machine('master').ask([...KUBECTL, ...words]);
  const addresses = () => [...cluster.machines.values()].map(({ address }) => address);
  const machines = () => [...cluster.machines.values()];
  const neighbors = (unit: string, ...address: readonly string[]) =>
    cluster.unit(unit, ['show ip bgp neighbors', ...address].join(' '));

  beforeAll(async () => {
    cluster = await startCluster('kubeadm-real', { master: 20, node1: 21 });
    cluster.kubeadm((part) => ({ ...part, controlPlaneEndpoint: '10.1.20.20' }));
    found = new Map(await Promise.all(machines().map(snapshotOf)));
  });
  afterAll(() => cluster?.stop());

  /** All that a plan could change: files of every machine, what the kernel has, the units, the API, the state. */
  const world = async (withCluster: boolean) => ({
    files: await Promise.all(machines().map(writtenOn)),
    networks: await Promise.all(machines().map(networkOf)),
    units: await cluster.units(),
    objects: withCluster ? await objectsOf(kubectl) : {},
    state: [...filesBelow(cluster.files.folder)].filter(([path]) => !path.endsWith('/known_hosts')),
  });

  /** What a plan says that is to be done, after it is seen to have sent nothing that changes, and to have changed nothing. */
  async function planned(withCluster: boolean) {
    const before = await world(withCluster);
    const { code, events } = await cluster.files.events('plan', '--accept-new-host-keys');
    expect(code).toBe(0);
    expect(events.flatMap((event) => (event.type === 'command' && !event.reads ? [event.argv] : []))).toEqual([]);
    expect(events.filter((event) => event.type === 'command').length).toBeGreaterThan(3);
    const after = await world(withCluster);
    for (const [at, files] of after.files.entries())
      expect(files.filter((line) => !before.files[at]?.includes(line))).toEqual([]);
    expect(after).toEqual(before);
    return due(await cluster.files.plan());
  }

  test('plan tells what is to come, and changes nothing anywhere', async () => {
    expect((await planned(false)).length).toBeGreaterThan(3);
    expect(new Map(await Promise.all(machines().map(snapshotOf)))).toEqual(found);
    for (const unit of Object.keys(UNITS)) expect(await neighbors(unit)).not.toContain('BGP neighbor is');
  });

  test('an init that is killed or cut off, in whichever of its phases, is brought to its end by the next up', async () => {
    const master = cluster.machine('master');
    const { files } = cluster;
    await killAt(files, master, '/etc/kubernetes/cpaas-cluster');
    await killAt(files, master, inInit('/etc/kubernetes/pki/ca.key'));
    await killAt(files, master, inInit('/etc/kubernetes/manifests/kube-apiserver.yaml'));
    const { error } = await cutConnectionAt(files, master, inInit('/var/lib/kubelet/config.yaml'));
    expect(error?.message).toContain('master');
    await killAt(files, master, answered('get', 'configmap', 'kubeadm-config', '-n', 'kube-system'));
    await killAt(files, master, answered(...TOKENS));
    expectDone(await up());
    expect(await kubectl(...TOKENS, '-o', 'name')).toBe('');
  });

  test('the units see each other, and no node before the nodes are told of them; then every node has a router ID', async () => {
    // as it is by hand between the two sides: the article reads it here
    await kubectl('delete', 'bgppeers.crd.projectcalico.org', '--all');
    const state = (unit: string, peer: string) =>
      neighbors(unit, peer).then((text) => [
        /remote router ID (\S+)/.exec(text)?.[1],
        /BGP state = (\w+)/.exec(text)?.[1] === 'Established',
      ]);
    const [[one, first], [other, second]] = Object.entries(UNITS) as [[string, string], [string, string]];
    await vi.waitFor(
      async () => {
        for (const unit of [one, other])
          for (const node of addresses()) expect(await state(unit, node)).toEqual(['0.0.0.0', false]);
      },
      { timeout: 60_000, interval: 500 },
    );
    expect([await state(one, second), await state(other, first)]).toEqual([
      [second, true],
      [first, true],
    ]);
    expectDone(await up());
    for (const unit of [one, other])
      for (const node of addresses()) expect(await state(unit, node)).toEqual([node, true]);
    expect((await neighbors(one)).match(/^BGP neighbor is \S+/gm)).toEqual(
      expect.arrayContaining([...addresses(), second].map((address) => `BGP neighbor is ${address},`)),
    );
  });

  test('packets from each router reach a pod on each node', async () => {
    for (const node of ['master', 'node1']) await podOn(node);
    const report = await cluster.files.verify();
    expectWhole(report);
    expect(report.checks.filter(({ id }) => id.startsWith('tcp')).length).toBeGreaterThanOrEqual(4);
  });

  test('a second up changes nothing, and plan says so and changes nothing either', async () => {
    const journal = cluster.files.journal();
    const run = await up();
    expectDone(run, 'unchanged');
    expect(applied(run)).toEqual([]);
    expect(cluster.files.journal()).toBe(journal);
    expect(await planned(true)).toEqual([]);
    expect((await cluster.files.run('plan', '--check')).code).toBe(0);
  });

  test('cpaas kubectl speaks to the cluster through the machine that made it', async () => {
    const { stdout, code } = await cluster.files.run('kubectl', '--', 'get', 'nodes', '-o', 'name');
    expect({ stdout, code }).toEqual({ stdout: 'node/master\nnode/node1\n', code: 0 });
  });

  test('cpaas kubeconfig prints a login that serves the whole network, and is kept nowhere else', async () => {
    const printed = await cluster.files.run('kubeconfig');
    expect(printed.code).toBe(0);
    const file = join(cluster.lan.folder, 'kubeconfig');
    writeFileSync(file, printed.stdout, { mode: 0o600 });
    const asked = await cluster.lan.run(['kubectl', '--kubeconfig', file, 'get', 'nodes', '-o', 'name']);
    expect(asked).toMatchObject({ stdout: 'node/master\nnode/node1\n', code: 0 });
    const [, key = ''] = /client-key-data: (\S+)/.exec(printed.stdout) ?? [];
    expect(key.length).toBeGreaterThan(100);
    for (const [path, text] of filesBelow(cluster.files.state)) expect(text.includes(key), path).toBe(false);
  });

  test('machines that are put into the file join, a control plane among them, also where their joins were cut off', async () => {
    const [node2, master2] = await Promise.all([
      cluster.add('node2', '10.1.20.22'),
      cluster.add('master2', '10.1.20.23'),
    ]);
    found = new Map([...found, ...(await Promise.all([node2, master2].map(snapshotOf)))]);
    cluster.hosts((hosts) => [...hosts, hostEntry(node2, 'worker'), hostEntry(master2, 'control-plane')]);
    await killAt(cluster.files, master2, '/etc/kubernetes/manifests/etcd.yaml');
    await killAt(cluster.files, node2, '/etc/kubernetes/bootstrap-kubelet.conf');
    expectDone(await up());
    expect(await kubectl('get', 'nodes', '-o', 'name')).toBe('node/master\nnode/master2\nnode/node1\nnode/node2\n');
    for (const unit of Object.keys(UNITS))
      for (const { address } of [node2, master2])
        expect(await neighbors(unit, address)).toContain('BGP state = Established');
    expect(await kubectl(...TOKENS, '-o', 'name')).toBe('');
  });

  test('a further control plane has an API and an etcd of its own, and the routers reach pods on it', async () => {
    const labelled = (of: string, kind: string) => kubectl('get', kind, '-A', '-l', of, '-o', 'name');
    expect(await labelled('node-role.kubernetes.io/control-plane', 'nodes')).toBe('node/master\nnode/master2\n');
    expect(await etcdMembers(cluster.machine('master'))).toEqual(['master', 'master2']);
    const own = cluster.machine('master2').ask([...KUBECTL, '--server', 'https://10.1.20.23:6443', 'get', 'nodes']);
    expect(await own).toContain('node1');
    expect(await kubectl('get', 'secrets', '-n', 'kube-system', '-o', 'name')).toBe('');
    for (const name of ['node2', 'master2']) await podOn(name);
    expectWhole(await cluster.files.verify());
  });

  test('a machine that is down is named, and keeps nobody from anything', async () => {
    const { address } = cluster.machine('node2');
    const until = (condition: string) =>
      kubectl('wait', `--for=condition=${condition}`, 'node/node2', '--timeout=180s');
    await cluster.lan.cable('node2', 'down');
    try {
      await until('Ready=Unknown');
      // before their hold time is over
      for (const unit of Object.keys(UNITS)) await cluster.unit(unit, `clear ip bgp ${address}`);
      for (const unit of Object.keys(UNITS))
        await vi.waitFor(async () => expect(await neighbors(unit, address)).not.toContain('BGP state = Established'), {
          timeout: 60_000,
          interval: 500,
        });
      await kubectl('delete', 'bgppeers.crd.projectcalico.org', 'bigip1');
      const run = await up();
      expect(run).toMatchObject({ code: 2, error: { code: 'HOST.UNREACHABLE' } });
      expect(run.error?.message).toContain('node2; everything else was done');
      expect(run.stderr).toContain('node2 is not Ready and out of reach');
      expect(applied(run)).toContain('control-planes calico.bgp-peers');
      const { checks } = await cluster.files.verify();
      const sessions = checks.filter(({ id, result }) => id.startsWith('session') && result === 'fail');
      expect(sessions.map(({ id }) => id).toSorted()).toEqual(['session bigip1 node2', 'session bigip2 node2']);
    } finally {
      await cluster.lan.cable('node2', 'up');
    }
    await until('Ready');
  });

  test('those that leave the file leave the cluster, its etcd and the units, and are as they were found', async () => {
    cluster.hosts((hosts) => hosts.filter(({ name }) => !name.endsWith('2')));
    expect(await up()).toMatchObject({ code: 2, error: { code: 'CONSENT.NEEDED' } });
    expectDone(await up('--confirm', cluster.files.name));
    expect(await kubectl('get', 'nodes', '-o', 'name')).toBe('node/master\nnode/node1\n');
    expect(await etcdMembers(cluster.machine('master'))).toEqual(['master']);
    for (const unit of Object.keys(UNITS))
      expect(await cluster.unit(unit, 'show running-config')).not.toMatch(/10\.1\.20\.2[23]/);
    for (const name of ['node2', 'master2'])
      expect((await snapshotOf(cluster.machine(name)))[1], name).toEqual(found.get(name));
    expectWhole(await cluster.files.verify());
  });

  test('no token and no key of certificates is on a disk, in a log, on a command line or in what cpaas has said', async () => {
    const { recorded, files } = cluster;
    const [tokens, keys] = [recorded.tokens(), recorded.certificateKeys()];
    // of the init, and of each join
    expect(tokens.length).toBeGreaterThanOrEqual(4);
    expect(keys.length).toBeGreaterThanOrEqual(1);
    const secrets = [...tokens, ...keys];
    // that it would be found
    const planted = '/usr/share/planted';
    await cluster.machine('node1').ask(['tee', planted], `token: ${tokens.at(-1)}\n`);
    for (const machine of machines()) {
      // a token that was deleted from a cluster is in the files of its etcd until that overwrites it, and opens nothing; a key never is
      const places = await secretsOn(machine, secrets, ['/var/lib/etcd']);
      expect(places, machine.name).toEqual(machine.name === 'node1' ? [planted] : []);
      expect((await machine.run(['grep', '-rlaFf-', '/var/lib/etcd'], keys.join('\n'))).stdout, machine.name).toBe('');
    }
    await cluster.machine('node1').ask(['rm', planted]);
    const here = filesBelow(files.folder);
    expect([...here.keys()].filter((path) => path.startsWith(files.state)).length).toBeGreaterThan(2);
    for (const [path, text] of here) expect(secretsIn(text, secrets), path).toEqual([]);
    for (const text of [...printed, ...recorded.calls()]) expect(secretsIn(text, secrets)).toEqual([]);
    expect(printed.join('').length).toBeGreaterThan(1000);
  });

  test('another version is refused, with the way by hand', async () => {
    cluster.kubeadm((part) => ({ ...part, version: 'v1.34.3' }));
    const run = await up();
    cluster.kubeadm((part) => ({ ...part, version: 'v1.34.4' }));
    expect(run).toMatchObject({ code: 2, error: { code: 'STEP.CONFLICT' } });
    expect(JSON.stringify(run.error)).toContain('does not upgrade');
  });

  test('down leaves every machine as it was found', async () => {
    const run = await cluster.files.down('--timeout', '180');
    expectDone(run);
    for (const machine of cluster.machines.values())
      expect((await snapshotOf(machine))[1], machine.name).toEqual(found.get(machine.name));
  });

  async function podOn(node: string): Promise<void> {
    const spec = { spec: { nodeName: node, tolerations: [{ operator: 'Exists' }] } };
    await kubectl(
      'run',
      `probe-${node}`,
      '--image=registry.k8s.io/pause:3.10.1',
      `--overrides=${JSON.stringify(spec)}`,
    );
    await kubectl('wait', '--for=condition=Ready', `pod/probe-${node}`, '--timeout=120s');
  }
});
