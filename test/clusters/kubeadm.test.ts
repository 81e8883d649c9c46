import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { applied, expectWhole } from '../helpers/cpaas.ts';
import { expectDone } from '../helpers/dumps.ts';
import { hostEntry, noCluster, startCluster, type TestCluster } from '../helpers/kubeadm/cluster.ts';
import type { Machine } from '../helpers/machines/machine.ts';

if (noCluster) console.warn(`skipped: ${noCluster}`);

const KUBECTL = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf'];
const UNITS = { bigip1: '10.1.20.11', bigip2: '10.1.20.12' };

describe.skipIf(noCluster).sequential('two machines and a BIG-IP pair on one LAN, with a real kubeadm', () => {
  let cluster: TestCluster;
  let found: ReadonlyMap<string, string>;
  const up = (...args: readonly string[]) => cluster.files.up('--accept-new-host-keys', '--timeout', '180', ...args);
  const kubectl = (...words: readonly string[]) => cluster.machine('master').ask([...KUBECTL, ...words]);
  const addresses = () => [...cluster.machines.values()].map(({ address }) => address);

  beforeAll(async () => {
    cluster = await startCluster('kubeadm-real', { master: 20, node1: 21 });
    found = new Map(await Promise.all([...cluster.machines.values()].map(snapshotOf)));
  });
  afterAll(() => cluster?.stop());

  test('plan tells what is to come, and sends nothing that changes', async () => {
    const { events, code } = await cluster.files.events('plan', '--accept-new-host-keys');
    expect(code).toBe(0);
    const sent = events.flatMap((event) => (event.type === 'command' && !event.reads ? [event.argv] : []));
    expect(sent).toEqual([]);
    expect(new Map(await Promise.all([...cluster.machines.values()].map(snapshotOf)))).toEqual(found);
  });

  test('an init that is cut off, wherever it was, is brought to its end by the next up', async () => {
    const master = cluster.machine('master');
    for (const path of ['/etc/kubernetes/cpaas-cluster', '/etc/kubernetes/manifests/kube-apiserver.yaml'])
      await cutOffAt(cluster, master, path);
    expectDone(await up());
  });

  test('every router sees every node, and the other one', async () => {
    for (const [unit, own] of Object.entries(UNITS))
      for (const peer of [...addresses(), ...Object.values(UNITS)].filter((address) => address !== own))
        expect(await cluster.unit(unit, `show ip bgp neighbors ${peer}`), `${unit} and ${peer}`).toContain(
          'BGP state = Established',
        );
  });

  test('packets from each router reach a pod on each node', async () => {
    for (const node of ['master', 'node1']) await podOn(node);
    const report = await cluster.files.verify();
    expectWhole(report);
    expect(report.checks.filter(({ id }) => id.startsWith('tcp')).length).toBeGreaterThanOrEqual(4);
  });

  test('a second up changes nothing', async () => {
    const journal = cluster.files.journal();
    const run = await up();
    expectDone(run, 'unchanged');
    expect(applied(run)).toEqual([]);
    expect(cluster.files.journal()).toBe(journal);
  });

  test('no token is left in the cluster, and none is in the state or a log', async () => {
    expect(
      await kubectl('get', 'secrets', '-A', '--field-selector', 'type=bootstrap.kubernetes.io/token', '-o', 'name'),
    ).toBe('');
    const texts = filesBelow(cluster.files.state).map((path) => readFileSync(path, 'utf8'));
    expect(texts.length).toBeGreaterThan(2);
    for (const text of texts) expect(text).not.toMatch(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/);
    for (const machine of cluster.machines.values())
      expect((await machine.run(['ls', '/etc/kubernetes/bootstrap-kubelet.conf'])).code).toBe(2);
  });

  test('cpaas kubectl speaks to the cluster through the machine that made it', async () => {
    const { stdout, code } = await cluster.files.run('kubectl', '--', 'get', 'nodes', '-o', 'name');
    expect({ stdout, code }).toEqual({ stdout: 'node/master\nnode/node1\n', code: 0 });
  });

  test('a machine that is put into the file joins, also where its join was cut off; both units get it', async () => {
    const node2 = await cluster.add('node2', '10.1.20.22');
    found = new Map([...found, await snapshotOf(node2)]);
    cluster.hosts((hosts) => [...hosts, hostEntry(node2, false)]);
    await cutOffAt(cluster, node2, '/etc/kubernetes/bootstrap-kubelet.conf');
    expectDone(await up());
    expect(await kubectl('get', 'node', 'node2', '-o', 'name')).toBe('node/node2\n');
    for (const unit of Object.keys(UNITS))
      expect(await cluster.unit(unit, 'show ip bgp neighbors 10.1.20.22')).toContain('BGP state = Established');
    expect(
      await kubectl('get', 'secrets', '-A', '--field-selector', 'type=bootstrap.kubernetes.io/token', '-o', 'name'),
    ).toBe('');
  });

  test('a machine that is down is named, and keeps nobody from anything', async () => {
    const node2 = cluster.machine('node2');
    await node2.ask(['systemctl', 'stop', 'ssh']);
    await kubectl('delete', 'bgppeers.crd.projectcalico.org', 'bigip1');
    const run = await up();
    expect(run).toMatchObject({ code: 2, error: { code: 'HOST.UNREACHABLE' } });
    expect(run.error?.message).toContain('node2');
    expect(applied(run)).toContain('master calico.bgp-peers');
    await node2.ask(['systemctl', 'start', 'ssh']);
  });

  test('one that leaves the file leaves the cluster and the units, and is as it was found', async () => {
    cluster.hosts((hosts) => hosts.filter(({ name }) => name !== 'node2'));
    expect(await up()).toMatchObject({ code: 2, error: { code: 'CONSENT.NEEDED' } });
    expectDone(await up('--confirm', cluster.files.name));
    expect(await kubectl('get', 'nodes', '-o', 'name')).toBe('node/master\nnode/node1\n');
    for (const unit of Object.keys(UNITS))
      expect(await cluster.unit(unit, 'show running-config')).not.toContain('10.1.20.22');
    expect((await snapshotOf(cluster.machine('node2')))[1]).toEqual(found.get('node2'));
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

/** Cuts cpaas and its connection off, and kubeadm with them, as soon as a file is on a machine. */
async function cutOffAt({ files }: TestCluster, machine: Machine, path: string): Promise<void> {
  await machine.run(['rm', '-f', '/run/cut']);
  const child = files.start(['up', '--accept-new-host-keys', '--timeout', '180']);
  const there = async () => (await machine.run(['test', '-e', path])).code === 0;
  await vi.waitUntil(there, { timeout: 120_000, interval: 20 });
  child.kill('SIGKILL');
  await child;
  for (const pid of (await machine.run(['pidof', 'kubeadm'])).stdout.trim().split(' ').filter(Boolean))
    await machine.run(['kill', '-KILL', pid]);
}

/** Files, rules, links and routes of a machine, without what is only logged, cached or handed to containers. */
async function snapshotOf(machine: Machine): Promise<readonly [string, string]> {
  const pruned = [
    '/proc',
    '/sys',
    '/dev',
    '/run',
    '/tmp',
    '/var/log',
    '/var/lib/containerd',
    '/opt/cpaas',
    '/opt/images',
    '/var/lib/systemd',
    '/var/cache',
    // of the kubectl that this test runs
    '/.kube',
    // made by the kubelet for a mount, where a machine has none
    '/usr/lib/modules',
  ];
  const prune = pruned.flatMap((path) => ['-path', path, '-prune', '-o']);
  const files = await machine.ask(['find', '/', ...prune, '-printf', '%y %m %u %p\\n']);
  const listed = await Promise.all(
    [['ip', '-o', 'link'], ['ip', 'route'], ['iptables-save'], ['ip6tables-save']].map((argv) => machine.ask(argv)),
  );
  const [links = '', ...rest] = listed;
  const names = links.split('\n').map((line) => line.split(': ')[1] ?? '');
  const rules = rest.map((text) =>
    text
      .split('\n')
      .filter((line) => /^-A|^:(KUBE|cali)/.test(line) || /^\d/.test(line))
      .join('\n'),
  );
  return [machine.name, [files.split('\n').toSorted().join('\n'), names.join(' '), ...rules].join('\n')];
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
