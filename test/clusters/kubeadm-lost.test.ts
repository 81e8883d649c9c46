import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { applied, due } from '../helpers/cpaas.ts';
import { expectDone } from '../helpers/dumps.ts';
import { hostEntry, noCluster, startCluster, type TestCluster } from '../helpers/kubeadm/cluster.ts';
import { etcdMembers } from '../helpers/kubeadm/etcd.ts';

if (noCluster) console.warn(`skipped: ${noCluster}`);

/** What all control planes share, on whichever of them somebody has put it: the simplest thing that outlives one. */
const ENDPOINT = '10.1.20.30';
const UNITS = ['bigip1', 'bigip2'];

describe.skipIf(noCluster).sequential('three control planes of a real kubeadm, and the first is lost', () => {
  let cluster: TestCluster;
  const up = (...args: readonly string[]) =>
    cluster.files.up('--accept-new-host-keys', '--timeout', '240', '-v', ...args);
  const serves = (name: string) => cluster.machine(name).ask(['ip', 'address', 'add', `${ENDPOINT}/32`, 'dev', 'eth0']);
  const kubectl = (...words: readonly string[]) =>
    cluster.machine('master2').ask(['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', ...words]);
  const established = async (address: string) => {
    for (const unit of UNITS)
      expect(await cluster.unit(unit, `show ip bgp neighbors ${address}`)).toContain('BGP state = Established');
  };

  beforeAll(async () => {
    cluster = await startCluster('kubeadm-lost', { master: 20, master2: 23, master3: 24 });
    cluster.kubeadm((part) => ({
      ...part,
      controlPlaneEndpoint: ENDPOINT,
      hosts: part.hosts.map((host) => ({ ...host, role: 'control-plane' })),
    }));
    await serves('master');
  });
  afterAll(() => cluster?.stop());

  test('three are made one after the other, and a second up changes nothing', async () => {
    expectDone(await up());
    expect(await etcdMembers(cluster.machine('master'))).toEqual(['master', 'master2', 'master3']);
    expectDone(await up(), 'unchanged');
  });

  test('one that has joined cannot be put first, whether or not its mark says that it has', async () => {
    const mark = '/etc/kubernetes/cpaas-cluster';
    const machine = cluster.machine('master2');
    const said = await machine.ask(['cat', mark]);
    const turned = () => cluster.hosts(([one, two, ...rest]) => (one && two ? [two, one, ...rest] : []));
    turned();
    try {
      for (const text of [said, `${cluster.files.name}\nready\n`]) {
        await machine.ask(['tee', mark], text);
        const run = await up();
        expect(run).toMatchObject({ code: 2, error: { code: 'STEP.CONFLICT' } });
        expect(JSON.stringify(run.error)).toContain('made on another machine');
      }
    } finally {
      await machine.ask(['tee', mark], said);
      turned();
    }
  });

  test('while the first is away the others are asked: a machine joins, and the units get it as a neighbor', async () => {
    const node = await cluster.add('node1', '10.1.20.21');
    cluster.hosts((hosts) => [...hosts, hostEntry(node, 'worker')]);
    await cluster.lan.cable('master', 'down');
    await serves('master2');
    await vi.waitFor(() => kubectl('wait', '--for=condition=Ready=Unknown', 'node/master', '--timeout=30s'), {
      timeout: 180_000,
      interval: 1000,
    });
    const run = await up();
    expect(run).toMatchObject({ code: 2, error: { code: 'HOST.UNREACHABLE' } });
    expect(run.error?.message).toContain('master; everything else was done');
    expect(applied(run)).toContain('node1 kubeadm.node');
    expect(await kubectl('get', 'nodes', '-o', 'name')).toBe('node/master\nnode/master2\nnode/master3\nnode/node1\n');
    await established(node.address);
    const { stdout, code } = await cluster.files.run('kubectl', '--', 'get', 'nodes', 'node1', '-o', 'name');
    expect({ stdout, code }).toEqual({ stdout: 'node/node1\n', code: 0 });
  });

  test('a new machine in the place of the first joins the cluster again, which stays the same', async () => {
    const uid = () => kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}');
    const before = await uid();
    await cluster.machine('master').stop();
    await cluster.add('master', '10.1.20.20');
    // as whoever installs a machine anew has to
    const hosts = join(cluster.files.state, cluster.files.name, 'known_hosts');
    const known = readFileSync(hosts, 'utf8').split('\n');
    writeFileSync(hosts, known.filter((line) => !line.includes('10.1.20.20')).join('\n'));
    const planned = await cluster.files.run('plan', '--accept-new-host-keys');
    expect(planned.stdout).toContain('joins its cluster again');
    expectDone(await up());
    expect(await etcdMembers(cluster.machine('master'))).toEqual(['master', 'master2', 'master3']);
    expect(await uid()).toBe(before);
    await established('10.1.20.20');
    const { checks } = await cluster.files.verify();
    // packets need a pod on each node
    expect(checks.filter(({ result, detail }) => result !== 'pass' && !/^no pod/.test(detail ?? ''))).toEqual([]);
    expect(checks.filter(({ id, result }) => id.split(' ').includes('master') && result === 'pass')).not.toEqual([]);
    expect(due(await cluster.files.plan())).toEqual([]);
  });

  test('down takes all of it away', async () => {
    expectDone(await cluster.files.down('--timeout', '240'));
    for (const machine of cluster.machines.values())
      expect((await machine.run(['test', '-e', '/etc/kubernetes'])).code, machine.name).toBe(1);
  });
});
