import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applied } from '../helpers/cpaas.ts';
import { expectDone } from '../helpers/dumps.ts';
import {
  imagesBundle,
  kubernetesPackages,
  noCluster,
  startCluster,
  type TestCluster,
} from '../helpers/kubeadm/cluster.ts';
import { writeRepository } from '../helpers/machines/apt.ts';
import { rootfs } from '../helpers/machines/cache.ts';
import { type Mirror, startMirror } from '../helpers/machines/mirror.ts';
import { differences, type MachineState, stateOf } from '../helpers/machines/state.ts';

if (noCluster) console.warn(`skipped: ${noCluster}`);

const HERE = '10.1.20.1';
/** A kubelet on this computer's own disk, however full that is, and a containerd without the right to lower scores. */
const KUBELET = 'KUBELET_EXTRA_ARGS="--image-gc-high-threshold=100 --eviction-hard=memory.available<100Mi"\n';
const DROP_IN = `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.10.1"
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/opt/cni/bin"
  conf_dir = "/etc/cni/net.d"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = true
`;
/** Where containerd's data is, on a disk of its own; and what the kubelet makes for a mount, where a machine has no modules. */
const DATA = [/^var\/lib\/containerd$/, /^usr\/lib\/modules$/];
const SWAP = 'UUID=9c8d1a37-11d4-4bb2-a5f5-ce1a25bd3ac2 none swap sw 0 0\n';

describe.skipIf(noCluster).sequential('two bare Debian machines, with apt and SSH and nothing else', () => {
  let cluster: TestCluster;
  let mirror: Mirror;
  let found: ReadonlyMap<string, MachineState>;
  const up = (...args: readonly string[]) =>
    cluster.files.up('--accept-new-host-keys', '--timeout', '240', '-y', ...args);
  const states = async () =>
    new Map(
      await Promise.all(
        [...cluster.machines.values()].map(async (machine) => [machine.name, await stateOf(machine)] as const),
      ),
    );

  beforeAll(async () => {
    cluster = await startCluster('kubeadm-bare', { master: 20, node1: 21 }, { bare: true });
    mirror = await startMirror(cluster.lan, HERE, rootfs(), ['containerd']);
    const folder = join(mirror.folder, 'core:/stable:/v1.34/deb');
    mkdirSync(folder, { recursive: true });
    writeRepository(folder, kubernetesPackages(join(cluster.lan.folder, 'debs')), mirror.key);
    writeFileSync(join(folder, 'Release.key'), mirror.key.armored);
    for (const machine of cluster.machines.values()) {
      await mirror.use(machine);
      await machine.ask(['tee', '/etc/default/kubelet'], KUBELET);
      await machine.ask(['mkdir', '-p', '/etc/containerd/conf.d']);
      await machine.ask(['tee', '/etc/containerd/conf.d/10-score.toml'], DROP_IN);
      await machine.ask(['tee', '-a', '/etc/fstab'], SWAP);
    }
    cluster.kubeadm((part) => ({
      ...part,
      hosts: part.hosts.map((host, at) =>
        at === 0 ? host : { ...host, labels: { rack: 'r1' }, taints: ['dedicated=edge:PreferNoSchedule'] },
      ),
      prepare: 'packages',
      repositories: { kubernetes: mirror.url, key: mirror.key.fingerprint },
    }));
    cluster.files.env = { XDG_CACHE_HOME: join(cluster.files.folder, 'cache') };
    const bundle = join(cluster.files.folder, 'images.bundle.tar');
    await imagesBundle(bundle, cluster.files.name);
    expect((await cluster.files.run('bundle', 'load', bundle)).code).toBe(0);
    found = await states();
  });
  afterAll(async () => {
    await mirror?.stop();
    await cluster?.stop();
  });

  test('plan tells what they will be given, and gives nothing', async () => {
    const plan = await cluster.files.plan('--accept-new-host-keys');
    expect(plan.code).toBe(0);
    const titles = plan.phases
      .filter(({ name }) => name === 'Hosts')
      .flatMap(({ steps }) => steps.filter(({ state }) => state === 'pending').map(({ title }) => title));
    expect(new Set(titles)).toEqual(
      new Set([
        'Swap',
        'Modules and settings after a restart',
        'Package repositories',
        'containerd',
        'Configuration of containerd',
        'Kubernetes',
        'Services',
        'Images',
        ...titles.filter((title) => title === 'Kernel settings'),
      ]),
    );
    for (const [name, state] of await states())
      expect(differences(found.get(name) ?? new Map(), state), name).toEqual([]);
  });

  test('become a cluster that the routers see, in one run', async () => {
    expectDone(await up());
    const { checks } = await cluster.files.verify();
    expect(checks.filter(({ result }) => result === 'fail')).toEqual([]);
    expect(checks.filter(({ result }) => result === 'pass').length).toBeGreaterThan(4);
    for (const unit of ['bigip1', 'bigip2'])
      for (const { address } of cluster.machines.values())
        expect(await cluster.unit(unit, `show ip bgp neighbors ${address}`)).toContain('BGP state = Established');
    for (const machine of cluster.machines.values()) {
      expect(await machine.ask(['apt-mark', 'showhold'])).toBe('kubeadm\nkubectl\nkubelet\n');
      expect(await machine.ask(['cat', '/etc/fstab'])).not.toMatch(/^UUID/m);
    }
  });

  test('whoever logs in where it was made has kubectl, and nodes have their labels and taints', async () => {
    const master = cluster.machine('master');
    const node = await master.ask(['env', 'HOME=/root', 'kubectl', 'get', 'node', 'node1', '-o', 'json']);
    expect(JSON.parse(node)).toMatchObject({
      metadata: { labels: { rack: 'r1' } },
      spec: { taints: [{ key: 'dedicated', value: 'edge', effect: 'PreferNoSchedule' }] },
    });
    expect(await master.ask(['stat', '-c', '%a %U', '/root/.kube/config'])).toBe('600 root\n');
  });

  test('a second run changes nothing', async () => {
    const run = await up();
    expectDone(run, 'unchanged');
    expect(applied(run)).toEqual([]);
  });

  test('down leaves the packages and nothing else, down --purge not even those', async () => {
    expectDone(await cluster.files.down('--timeout', '240'));
    const installed =
      /^package |^auto |^unit |^usr\/|^etc\/|^lib\/|^opt\/(cni|containerd)|^var\/lib\/(dpkg|apt)|^var\/lib\/containerd$/;
    for (const [name, state] of await states()) {
      const left = differences(found.get(name) ?? new Map(), state);
      expect(
        left.filter((line) => !installed.test(line.slice(2))),
        name,
      ).toEqual([]);
      expect(left, name).toContain('+ package kubelet');
      expect(left, name).not.toContain('± etc/fstab');
      expect(
        left.filter((line) => line.includes('cpaas')),
        name,
      ).toEqual([]);
    }
    expectDone(await cluster.files.down('--purge', '--timeout', '240'));
    for (const [name, state] of await states())
      expect(differences(found.get(name) ?? new Map(), state, DATA), name).toEqual([]);
  });
});
