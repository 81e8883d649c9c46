import { loadAll } from 'js-yaml';
import { describe, expect, test, vi } from 'vitest';
import {
  ADMIN_CONF,
  API_SERVER_MANIFEST,
  BOOTSTRAP_CONF,
  ETCD_DATA,
  ETCD_MANIFEST,
  KUBELET_CERTIFICATE,
  OWNER,
} from '../../../src/kubeadm/paths.ts';
import { CLUSTER, kubeadmControlPlane, readyControlPlane } from '../../../src/steps/kubeadm/control-plane.ts';
import { joinedNode, kubeadmNode } from '../../../src/steps/kubeadm/node.ts';
import { fakeContext, Power } from '../../helpers/fake-host.ts';
import { FakeCluster, FakeKubeadmHost, madeCluster, PIN } from '../../helpers/fake-kubeadm.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const HOST = 'ssh://root@10.1.20.20';
const place = {
  host: HOST,
  cluster: 'site1',
  name: 'master',
  criSocket: 'unix:///run/containerd/containerd.sock',
  pods: '192.168.0.0/16',
};
const config = { version: 'v1.34.4', pods: '192.168.0.0/16', services: '10.96.0.0/12' };
const wish = readyControlPlane(config, '10.1.20.20');

function world() {
  const power = new Power();
  const cluster = new FakeCluster();
  const master = new FakeKubeadmHost('master', cluster, power);
  return { power, cluster, master, machines: { [HOST]: master }, dump: () => [master.dump(), cluster.dump()] };
}
type World = ReturnType<typeof world>;

stepLaws('kubeadm.control-plane', {
  step: kubeadmControlPlane,
  place,
  world,
  wishes: [wish],
  verbatim: false,
  foreign: (it) => (it as World).master.files.get('/etc/hosts'),
});

const read = (it: World, at = place) =>
  kubeadmControlPlane(at, wish).read(fakeContext(it.machines), new Set([CLUSTER]));
const seen = async (it: World) => (await read(it)).get(CLUSTER);
const claim = async (it: World, ours = false, want = wish) =>
  kubeadmControlPlane(place, want).claim(CLUSTER, await seen(it), want[0]?.[1], ours);
const made = () => ({ key: CLUSTER, from: undefined, to: wish[0]?.[1], before: undefined, cause: 'wanted' as const });

/** What the manifest of an etcd says that has joined others. */
const EXISTING = '    - --initial-cluster-state=existing\n';

describe('kubeadm.control-plane', () => {
  test('hands kubeadm its file, with the ranges, the address and the names of the API', () => {
    const endpoint = { ...config, endpoint: 'api.example.com:6443' };
    const [to] = readyControlPlane(endpoint, '10.1.20.20').map(([, value]) => value);
    const [command] = kubeadmControlPlane(place, wish).commands([{ ...made(), to }]);
    expect(command?.argv).toEqual([
      ...'flock --wait 600 /run/cpaas-kubeadm.lock sh -c'.split(' '),
      'cat | "$@" --config /dev/stdin',
      ...'sh kubeadm init --skip-token-print'.split(' '),
    ]);
    expect(loadAll(command?.stdin ?? '')).toEqual([
      {
        apiVersion: 'kubeadm.k8s.io/v1beta4',
        kind: 'InitConfiguration',
        bootstrapTokens: [{ description: 'cpaas site1: master', ttl: '15m0s' }],
        localAPIEndpoint: { advertiseAddress: '10.1.20.20', bindPort: 6443 },
        nodeRegistration: {
          name: 'master',
          criSocket: 'unix:///run/containerd/containerd.sock',
          kubeletExtraArgs: [{ name: 'node-ip', value: '10.1.20.20' }],
        },
      },
      {
        apiVersion: 'kubeadm.k8s.io/v1beta4',
        kind: 'ClusterConfiguration',
        clusterName: 'site1',
        kubernetesVersion: 'v1.34.4',
        networking: { podSubnet: '192.168.0.0/16', serviceSubnet: '10.96.0.0/12' },
        controlPlaneEndpoint: 'api.example.com:6443',
        apiServer: { certSANs: ['10.1.20.20', 'master', 'api.example.com'] },
      },
      { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', cgroupDriver: 'systemd' },
    ]);
  });

  test('an init cut off anywhere is known as begun, and ours, until it has come to its end', async () => {
    for (let cut = 1; ; cut++) {
      const it = world();
      const step = kubeadmControlPlane(place, wish);
      it.power.supply(cut);
      const whole = await step.write(fakeContext(it.machines, { power: it.power }), [made()]).then(
        () => true,
        () => false,
      );
      it.power.supply();
      expect(await seen(it), `cut after ${cut}`).toMatchObject({
        mark: 'ours',
        value: { stage: whole ? 'ready' : 'begun' },
      });
      if (whole) break;
    }
  });

  test("the token of the init is deleted at the end, and nobody else's", async () => {
    const it = world();
    const ctx = fakeContext(it.machines);
    it.cluster.mint('an operator needs it');
    const step = kubeadmControlPlane(place, wish);
    await step.write(ctx, [made()]);
    expect([...it.cluster.tokens.values()].map(({ description }) => description)).toContain('cpaas site1: master');
    await step.close?.act(ctx, []);
    expect([...it.cluster.tokens.values()].map(({ description }) => description)).toEqual(['an operator needs it']);
  });

  test('a cluster made by hand as wanted is left, and one that differs is a conflict that names what differs', async () => {
    const it = world();
    madeCluster(it.master, it.cluster, undefined);
    expect(await seen(it)).toEqual({ value: wish[0]?.[1], mark: 'other' });
    expect(await claim(it, false, readyControlPlane({ ...config, pods: '10.5.0.0/16' }, '10.1.20.20'))).toEqual({
      conflict: expect.stringContaining('pods 192.168.0.0/16 instead of 10.5.0.0/16'),
    });
  });

  test("kubeadm's own checks are told as they were said, with the way on", async () => {
    const it = world();
    const said = '[ERROR FileContent--proc-sys-net-ipv4-ip_forward]: contents are not set to 1';
    const programs = { ...it.master.programs, flock: () => ({ code: 1, stderr: said }) };
    const machines = { [HOST]: { name: 'master', files: it.master.files, programs } };
    await expect(kubeadmControlPlane(place, wish).write(fakeContext(machines), [made()])).rejects.toMatchObject({
      code: 'KUBEADM.INIT',
      evidence: expect.arrayContaining([expect.objectContaining({ text: said })]),
    });
  });

  test('a changed version is refused with the way by hand', async () => {
    const it = world();
    madeCluster(it.master, it.cluster, 'site1');
    const to = (version: string) => claim(it, true, readyControlPlane({ ...config, version }, '10.1.20.20'));
    expect(await to('v1.35.8')).toEqual({
      conflict: expect.stringMatching(/runs v1\.34\.4.*kubeadm upgrade apply v1\.35\.8/),
    });
    expect(await to('v1.36.4')).toEqual({ conflict: expect.stringContaining('one minor after the other') });
    expect(await to('v1.33.1')).toEqual({ conflict: expect.stringContaining('not taken back') });
  });

  test('one that somebody has begun is refused, ours is taken up', async () => {
    const it = world();
    madeCluster(it.master, it.cluster, undefined);
    it.cluster.info = false;
    expect(await claim(it)).toEqual({ conflict: expect.stringContaining('somebody has begun') });
    it.master.files.set(OWNER, 'site1\n');
    expect(await claim(it, true)).toBe('take');
  });

  test('the first of a file cannot be one that has joined: nothing is made anew there, and nothing taken down', async () => {
    const it = world();
    madeCluster(it.master, it.cluster, 'site1');
    expect(await claim(it, true)).toBe('leave');
    it.master.files.set(OWNER, 'site1\nready\njoined\n');
    for (const ours of [true, false])
      expect(await claim(it, ours)).toEqual({ conflict: expect.stringContaining('made on another machine') });
  });

  test('marks that were written before they told of joins are as good: files tell whether the first of a file has joined', async () => {
    const joined = { conflict: expect.stringContaining('made on another machine') };
    const worker = [ADMIN_CONF, API_SERVER_MANIFEST, ETCD_MANIFEST, ETCD_DATA];
    for (const [is, mark, change] of [
      ['as it was made', 'site1\nready\n', () => {}],
      [joined, 'site1\nready\n', ({ files }: FakeKubeadmHost) => files.set(ETCD_MANIFEST, EXISTING)],
      ['as it was made', 'site1\nready\nmade\ncontrol-plane\n', ({ files }) => files.set(ETCD_MANIFEST, EXISTING)],
      [joined, 'site1\nready\n', ({ files }) => worker.map((path) => files.delete(path))],
      [
        joined,
        'site1\n',
        ({ files }) =>
          [...worker, KUBELET_CERTIFICATE].map((path) => files.delete(path)) && files.set(BOOTSTRAP_CONF, 'x\n'),
      ],
    ] as const satisfies readonly (readonly [unknown, string, (host: FakeKubeadmHost) => unknown])[]) {
      const it = world();
      madeCluster(it.master, it.cluster, 'site1');
      it.master.files.set(OWNER, mark);
      change(it.master);
      expect(await claim(it, true), mark).toEqual(is === joined ? joined : 'leave');
    }
  });

  test('one that lacks what only control planes have is no worker: it is brought to its end again', async () => {
    for (const gone of [[ADMIN_CONF], [API_SERVER_MANIFEST], [ADMIN_CONF, API_SERVER_MANIFEST]]) {
      const it = world();
      madeCluster(it.master, it.cluster, 'site1');
      for (const path of gone) it.master.files.delete(path);
      expect(await seen(it)).toEqual({ value: { stage: 'begun' }, mark: 'ours' });
      await kubeadmControlPlane(place, wish).write(fakeContext(it.machines), [made()]);
      expect(await claim(it, true)).toBe('leave');
      expect(it.cluster.nodes.size).toBe(1);
    }
  });

  test('what a reset that was cut off has left of an etcd goes before an init, and what is somebody else’s stays', async () => {
    for (const mark of ['site1\nbegun\ncontrol-plane\n', undefined]) {
      const it = world();
      it.master.files.set(ETCD_DATA, 'old');
      if (mark !== undefined) it.master.files.set(OWNER, mark);
      const whole = await kubeadmControlPlane(place, wish)
        .write(fakeContext(it.machines), [made()])
        .then(
          () => true,
          () => false,
        );
      expect({ whole, data: it.master.files.get(ETCD_DATA) === 'old' }).toEqual(
        mark === undefined ? { whole: false, data: true } : { whole: true, data: false },
      );
    }
  });

  test('an API that does not answer is a conflict for up, and no obstacle for down', async () => {
    const it = world();
    madeCluster(it.master, it.cluster, 'site1');
    it.cluster.running = false;
    expect(await seen(it)).toEqual({ value: { stage: 'silent' }, mark: 'ours' });
    expect(await claim(it, true)).toEqual({ conflict: expect.stringContaining('does not answer') });
    const gone = {
      key: CLUSTER,
      from: { stage: 'silent' },
      to: undefined,
      before: undefined,
      cause: 'unwanted' as const,
    };
    const step = kubeadmControlPlane(place, wish);
    expect(step.risk(gone)).toEqual({ risk: 'destructive', why: 'the cluster site1, with everything in it' });
    const ctx = fakeContext(it.machines);
    await step.write(ctx, [gone]);
    await step.close?.act(ctx, []);
    expect(await seen(it)).toBeUndefined();
    expect([...it.master.files.keys()]).toEqual(['/etc/hosts']);
  });

  test('a reset takes the rules, links and routes of the cluster, and no others', async () => {
    const it = world();
    madeCluster(it.master, it.cluster, 'site1');
    const before = { rules: it.master.rules, links: it.master.links, routes: it.master.routes };
    it.master.rules = [
      '*filter',
      ':INPUT ACCEPT [0:0]',
      ':KUBE-FIREWALL - [0:0]',
      ':cali-INPUT - [0:0]',
      '-A INPUT -m comment --comment "cali:Cz_u1IQiXIMmKD4c" -j cali-INPUT',
      '-A INPUT -s 192.0.2.1/32 -j DROP',
      '-A INPUT -j KUBE-FIREWALL',
      '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -j DROP',
      'COMMIT',
    ];
    it.master.links = ['lo', 'eth0', 'cali0123456789a', 'calico-lookalike'];
    it.master.routes = [
      ...it.master.routes,
      { dst: '192.168.4.0/26', protocol: '12', type: '6' },
      { dst: '203.0.113.0/24', protocol: '12', gateway: '10.1.20.1' },
    ];
    const gone = { key: CLUSTER, from: wish[0]?.[1], to: undefined, before: undefined, cause: 'unwanted' as const };
    await kubeadmControlPlane(place, wish).write(fakeContext(it.machines), [gone]);
    expect(it.master.rules).toEqual(before.rules);
    expect(it.master.links).toEqual([...before.links, 'calico-lookalike']);
    expect(it.master.routes).toEqual([
      ...before.routes,
      { dst: '203.0.113.0/24', protocol: '12', gateway: '10.1.20.1' },
    ]);
  });
});

describe('a cluster whose first control plane is gone, and that lives on others', () => {
  const SECOND = 'ssh://root@10.1.20.22';
  const endpoint = 'api.example.com:6443';
  const living = { asked: SECOND, api: endpoint, pin: PIN.one };
  const there = { ...place, living };
  const returns = { ...made(), cause: 'drift' as const };

  /** `others`: how many joined before the machine was lost, and given back with nothing on it. */
  async function lost(others: number) {
    const it = world();
    madeCluster(it.master, it.cluster, 'site1');
    const machines: World['machines'] & Record<string, FakeKubeadmHost> = { ...it.machines };
    for (let at = 0; at < others; at++) {
      const name = `master${at + 2}`;
      const host = `ssh://root@10.1.20.${22 + at}`;
      machines[host] = new FakeKubeadmHost(name, it.cluster, it.power);
      const node = { ...place, host, name, controlPlane: HOST, api: endpoint };
      const wished = joinedNode({ role: 'control-plane', address: `10.1.20.${22 + at}`, cluster: PIN.one });
      await kubeadmNode(node, wished).write(fakeContext(machines), [
        { key: 'node', from: undefined, to: wished[0]?.[1], before: undefined, cause: 'wanted' },
      ]);
    }
    it.master.files.clear();
    it.master.files.set('/etc/hosts', '127.0.0.1 localhost\n');
    const [member, node] = [it.cluster.members.get('master'), it.cluster.nodes.get('master')];
    if (member) member.lost = true;
    if (node) node.ready = false;
    it.cluster.agree();
    return { ...it, machines };
  }

  test('it joins again there, in the place of the member that was lost', async () => {
    const it = await lost(2);
    const step = kubeadmControlPlane(there, wish);
    expect(step.describe(returns)).toBe('control plane: joins its cluster again, which lives on, Kubernetes v1.34.4');
    const ctx = fakeContext(it.machines);
    await step.write(ctx, [returns]);
    expect(ctx.sent.some(({ argv }) => argv.includes('init') && !argv.includes('phase'))).toBe(false);
    expect([...it.cluster.members]).toEqual([
      ['master2', { address: '10.1.20.22', started: true, lost: false }],
      ['master3', { address: '10.1.20.23', started: true, lost: false }],
      ['master', { address: '10.1.20.20', started: true, lost: false }],
    ]);
    expect(await claim(it, true)).toBe('leave');
    expect(it.master.files.get(OWNER)).toBe('site1\nready\nmade\ncontrol-plane\n');
    await step.close?.act(ctx, []);
    expect([...it.cluster.tokens.values()].map(({ description }) => description)).not.toContain('cpaas site1: master');
    expect([...it.cluster.secrets]).toEqual([]);
  });

  test('what was cut off on its way back, wherever, is known, never taken for an init, and made anew', async () => {
    const step = kubeadmControlPlane(there, wish);
    for (let cut = 1; ; cut++) {
      const it = await lost(2);
      it.power.supply(cut);
      const whole = await step.write(fakeContext(it.machines, { power: it.power }), [returns]).then(
        () => true,
        () => false,
      );
      it.power.supply();
      if (whole) break;
      const found = await seen(it);
      if (found) {
        expect(found, `cut after ${cut}`).toEqual({ value: { stage: 'returning' }, mark: 'ours' });
        expect(step.claim(CLUSTER, found, wish[0]?.[1], true)).toBe('take');
        expect(await claim(it, true)).toEqual({
          conflict: expect.stringContaining('may live on another control plane'),
        });
      }
      await step.write(fakeContext(it.machines), [{ ...returns, from: found?.value }]);
      expect([...it.cluster.members.keys()].toSorted(), `cut after ${cut}`).toEqual(['master', 'master2', 'master3']);
      expect(await claim(it, true), `cut after ${cut}`).toBe('leave');
      expect(it.cluster.running).toBe(true);
    }
  });

  test('where the rest of its etcd does not agree any more nothing is made, and why is told', async () => {
    const it = await lost(1);
    const step = kubeadmControlPlane(there, wish);
    vi.stubGlobal('setTimeout', (act: () => void) => setImmediate(act));
    try {
      await expect(step.write(fakeContext(it.machines), [returns])).rejects.toMatchObject({ code: 'KUBEADM.ETCD' });
    } finally {
      vi.unstubAllGlobals();
    }
    expect([...it.master.files.keys()].toSorted()).toEqual(['/etc/hosts', OWNER]);
    expect([...it.cluster.members.keys()]).toEqual(['master', 'master2']);
  });

  test('another cluster is not made beside it while those cannot be asked that may have it', () => {
    const step = kubeadmControlPlane({ ...place, silent: ['master2'] }, wish);
    const asked = (cause: 'drift' | 'wanted') =>
      step.claim(CLUSTER, undefined, wish[0]?.[1], cause === 'drift', { cause, asLeft: false });
    expect(asked('drift')).toEqual({ conflict: expect.stringMatching(/may live on master2.*cpaas forget master/) });
    expect(asked('wanted')).toBe('take');
  });
});
