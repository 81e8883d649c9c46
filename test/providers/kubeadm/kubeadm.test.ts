import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCluster } from '../../../src/config/load.ts';
import { CpaasError } from '../../../src/core/errors.ts';
import { Facts } from '../../../src/core/facts.ts';
import { blueprintOf } from '../../../src/providers/index.ts';
import { fakeArtifacts, sha256 } from '../../helpers/fake-artifacts.ts';
import { type FakeContext, type FakeMachine, fakeContext, Power } from '../../helpers/fake-host.ts';
import { factsMachine, type Printed } from '../../helpers/fake-host-facts.ts';
import { CA, FakeCluster, FakeKubeadmHost, madeCluster, PIN } from '../../helpers/fake-kubeadm.ts';

const example = readFileSync(new URL('../../../examples/kubeadm-pair.yaml', import.meta.url), 'utf8');
const [MASTER, NODE] = ['ssh://root@10.1.20.20', 'ssh://root@10.1.20.21'] as const;

const blueprint = (edit: (text: string) => string = (text) => text) =>
  blueprintOf(parseCluster(edit(example), 'f'), { env: {}, folder: '/state/kubeadm-pair' });
const without = (text: string) => text.replaceAll(/\n +address: 10\.1\.20\.2\d/g, '');

const THIRD = 'ssh://root@10.1.20.22';
const threeControlPlanes = (text: string) =>
  text
    .replace('version: v1.35.8', 'version: v1.35.8\n      controlPlaneEndpoint: api.example.com')
    .replace(
      / +- name: node1[\s\S]*?user: root }\n/,
      (node) =>
        node.replace('worker', 'control-plane') +
        node.replace('worker', 'control-plane').replace('node1', 'third').replaceAll('10.1.20.21', '10.1.20.22'),
    );

async function stepsOf(name: string, ctx: FakeContext, edit?: (text: string) => string) {
  const phase = blueprint(edit).plan.phases.find((each) => each.name === name);
  return phase?.steps(new Facts(ctx)) ?? expect.unreachable(`there is no phase ${name}`);
}

const machines = (master: Partial<FakeMachine> = {}): Record<string, FakeMachine> => ({
  [MASTER]: { ...factsMachine({ name: 'master', address: '10.1.20.20' }), ...master },
  [NODE]: factsMachine({ name: 'node1', address: '10.1.20.21' }),
});

const artifacts = fakeArtifacts({
  'calicoctl 3.31.7 linux/amd64': 'calicoctl',
  ...Object.fromEntries(['kubelet', 'kubeadm', 'kubectl'].map((name) => [`${name} 1.35.8 linux/amd64`, name])),
  ...Object.fromEntries(
    ['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => [`containerd:${name} 2.3.4 linux/amd64`, name]),
  ),
  'runc 1.4.3 linux/amd64': 'runc',
});

describe("the order of the articles' work", () => {
  test('reads from the hosts to the routers', () => {
    const { plan, gateway, nodes, kube } = blueprint();
    expect(plan.phases.map(({ name, rank }) => [rank, name])).toEqual([
      [16, 'Hosts'],
      [20, 'Control plane'],
      [22, 'Pod network'],
      [24, 'Kubeconfig'],
      [25, 'Nodes'],
      [30, 'Calico'],
      [50, 'Routers'],
    ]);
    expect({ gateway, nodes, kube }).toEqual({
      gateway: undefined,
      nodes: ['master', 'node1'],
      kube: { host: MASTER, kubeconfig: '/etc/kubernetes/admin.conf' },
    });
  });

  test('further control planes join one after the other, and are undone so', () => {
    const three = blueprint((text) =>
      text
        .replace('version: v1.35.8', 'version: v1.35.8\n      controlPlaneEndpoint: api.example.com')
        .replace('role: worker', 'role: control-plane'),
    );
    expect(three.plan.phases.map(({ name, rank }) => [rank, name]).slice(1, 3)).toEqual([
      [20, 'Control plane'],
      [21, 'Control plane node1'],
    ]);
  });

  test('where there are several control planes, whichever can be reached is asked', () => {
    const others = { via: 'any', having: '/etc/kubernetes/admin.conf' };
    const { kube, hosts } = blueprint(threeControlPlanes);
    expect(kube.host).toBe('control-planes:kubeadm-pair');
    expect(hosts[kube.host]).toEqual({ name: 'control-planes', reach: { ...others, of: [MASTER, NODE, THIRD] } });
    expect(hosts[`${kube.host} but node1`]?.reach).toEqual({ ...others, of: [MASTER, THIRD] });
  });

  test('whoever is not root uses sudo, and whose machines are named as the file names them', () => {
    const { hosts } = blueprint((text) =>
      text.replace('host: 10.1.20.21, user: root', 'host: 10.1.20.21, user: ubuntu'),
    );
    expect(hosts['ssh://ubuntu@10.1.20.21']).toMatchObject({ name: 'node1', sudo: true });
    expect(hosts[MASTER]).toEqual({ name: 'master', reach: { via: 'ssh', host: '10.1.20.20', user: 'root' } });
  });
});

test.each([
  ['whoever logs in by sudo', { code: 0, stdout: 'ubuntu\n' }, 'ubuntu', '/home/ubuntu'],
  ['root, who needs none', { code: 1 }, 'root', '/root'],
])('the kubeconfig is for %s, whatever the file leaves to the ssh configuration', async (_, sudoer, user, home) => {
  const homes: Readonly<Record<string, string>> = { ubuntu: '/home/ubuntu', root: '/root' };
  const { programs, ...master } = factsMachine({ name: 'master', address: '10.1.20.20' });
  const asked: FakeMachine['programs'] = {
    ...programs,
    printenv: ([name]) => (name === 'SUDO_USER' ? sudoer : { code: 1 }),
    id: ([flag]) => (flag === '-un' ? 'root\n' : '0\n'),
    getent: ([, name = '']) => (homes[name] ? `${name}:x:1000:1000::${homes[name]}:/bin/sh\n` : { code: 2 }),
    sha256sum: ([path]) => `${sha256('admin')}  ${path}\n`,
  };
  const host = MASTER;
  const unnamed = (text: string) => text.replace('host: 10.1.20.20, user: root', 'host: 10.1.20.20');
  const [step] = await stepsOf('Kubeconfig', fakeContext({ [host]: { ...master, programs: asked } }), unnamed);
  expect(step?.place).toMatchObject({ host, user, path: `${home}/.kube/config` });
});

test('labels and taints are given to nodes that the file says any of, and go with them', async () => {
  const marked = (text: string) =>
    text.replace(
      'role: worker\n',
      'role: worker\n          labels: { rack: r1 }\n          taints: [dedicated=edge:NoSchedule]\n',
    );
  expect(blueprint(marked).plan.phases.map(({ rank, name }) => `${rank} ${name}`)).toContain('26 Node labels');
  const [step] = await stepsOf('Node labels', fakeContext(machines()), marked);
  expect(step?.within).toEqual({ step: `kubeadm.node:${NODE}`, key: 'node' });
  expect([...(step?.want ?? [])]).toEqual([
    ['label rack', 'r1'],
    ['taint dedicated:NoSchedule', 'edge'],
  ]);
});

describe('the hosts', () => {
  test('are asked once each, in one round trip, however many phases need to know', async () => {
    const ctx = fakeContext(machines(), { artifacts });
    const asked: string[] = [];
    const counting = {
      ...ctx,
      host: (key: string) => {
        const machine = ctx.host(key);
        return {
          ...machine,
          queryAll: (all: Parameters<typeof machine.queryAll>[0]) => {
            asked.push(key);
            return machine.queryAll(all);
          },
        };
      },
    };
    const facts = new Facts(counting);
    for (const { name, steps } of blueprint(without).plan.phases)
      if (name === 'Hosts' || name === 'Control plane') await steps(facts);
    expect(asked).toEqual([MASTER, NODE]);
  });

  test('one out of reach, and one that refuses its login, leave the others their own words', async () => {
    const dead = new CpaasError('HOST.UNREACHABLE', 'node1 does not answer');
    const denied = new CpaasError('SUDO.DENIED', 'master: sudo refuses');
    const ctx = fakeContext(machines());
    const broken = (key: string) => ({
      ...ctx.host(key),
      queryAll: () => Promise.reject(key === NODE ? dead : denied),
    });
    const [master, node] = await stepsOf('Hosts', { ...ctx, host: broken });
    await expect(node?.read(ctx, new Set())).rejects.toBe(dead);
    const seen = await master?.read(ctx, new Set(['login']));
    expect(master?.claim('login', seen?.get('login'), true, false)).toEqual({ conflict: 'master: sudo refuses' });
    expect(master?.keeps).toEqual(expect.arrayContaining(['host.sysctl', 'host.packages', 'host.services']));
  });

  test('one that cannot be judged, and one that is to be left alone, keep what was made of them', async () => {
    const keeps = async (printed: Partial<Printed>, edit?: (text: string) => string) => {
      const master = factsMachine({ name: 'master', address: '10.1.20.20', ...printed });
      const [conditions] = await stepsOf('Hosts', fakeContext(machines(master), { artifacts }), edit);
      return conditions?.keeps ?? [];
    };
    const software = ['host.files', 'host.packages', 'host.services', 'host.ufw-rules', 'host.binaries'];
    expect(await keeps({})).toEqual([]);
    expect(await keeps({ programs: { id: '1000\n' } })).toEqual(expect.arrayContaining(['host.sysctl', ...software]));
    const none = await keeps({}, (text) => text.replace('version: v1.35.8', 'version: v1.35.8\n      prepare: none'));
    expect(none).toEqual(expect.arrayContaining(software));
    // which is set there all the same
    expect(none).not.toContain('host.sysctl');
  });
});

describe('what a machine lacks', () => {
  const bare = { programs: { kubeadm: { code: 127 }, systemctl: 'LoadState=not-found\n' }, paths: [] };
  const prepared = async (edit?: (text: string) => string, printed: Partial<Printed> = bare) => {
    const both = {
      [MASTER]: factsMachine({ name: 'master', address: '10.1.20.20', ...printed }),
      [NODE]: factsMachine({ name: 'node1', address: '10.1.20.21', ...printed }),
    };
    const steps = await stepsOf('Hosts', fakeContext(both, { artifacts }), edit);
    const findings = steps.flatMap(({ kind, place }) =>
      kind === 'kubeadm.preflight' ? Object.values((place as { findings: object }).findings) : [],
    );
    expect(findings).toEqual([]);
    return steps.filter(({ kind, host }) => host === NODE && kind !== 'kubeadm.preflight');
  };
  const titles = async (...of: Parameters<typeof prepared>) => (await prepared(...of)).map(({ title }) => title);
  const supplied = (how: string) => (text: string) =>
    text.replace('version: v1.35.8', `version: v1.35.8\n      prepare: ${how}`);

  test('comes as packages, unless the file says otherwise', async () => {
    expect(await titles()).toEqual([
      'Kernel settings',
      'Swap',
      'Kernel modules',
      'Modules and settings after a restart',
      'Package repositories',
      'containerd',
      'Configuration of containerd',
      'Kubernetes',
      'Services',
    ]);
  });

  test('comes as files by digest where a mirror or a bundle is named', async () => {
    const offline = (text: string) => text.replace('  network:', '  artifacts: { bundle: site.tar }\n  network:');
    const steps = await prepared(offline);
    expect(steps.map(({ title }) => title)).toEqual([
      'Kernel settings',
      'Swap',
      'Kernel modules',
      'Modules and settings after a restart',
      'Programs in /usr/local/bin',
      'Configuration of containerd',
      'Units',
      'Services',
    ]);
    const programs = steps.find(({ kind }) => kind === 'host.binaries');
    expect([...(programs?.want.keys() ?? [])].filter((key) => !key.endsWith('/')).toSorted()).toEqual([
      ...['containerd', 'containerd-shim-runc-v2', 'ctr', 'kubeadm', 'kubectl', 'kubelet', 'runc'],
    ]);
    expect(
      blueprint(offline)
        .needs?.map((need) => ('program' in need ? need.program : need.name))
        .toSorted(),
    ).toEqual([
      ...['calico-manifest', 'calicoctl'],
      ...['containerd', 'containerd-shim-runc-v2', 'ctr', 'kubeadm', 'kubectl', 'kubelet', 'runc'],
    ]);
    expect(blueprint().needs).toEqual([
      { name: 'calico-manifest', version: 'v3.31.7' },
      { program: 'calicoctl', version: 'v3.31.7' },
    ]);
  });

  test('a containerd that runs from files stays in its version; one that does not run decides nothing', async () => {
    const older = 'containerd github.com/containerd/containerd/v2 v2.1.5 x\n';
    const some = fakeArtifacts({
      ...Object.fromEntries(['kubelet', 'kubeadm', 'kubectl'].map((name) => [`${name} 1.35.8 linux/amd64`, name])),
      ...Object.fromEntries(
        ['2.1.5', '2.3.4'].flatMap((version) =>
          ['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => [
            `containerd:${name} ${version} linux/amd64`,
            name,
          ]),
        ),
      ),
      'runc 1.4.3 linux/amd64': 'runc',
      'calicoctl 3.31.7 linux/amd64': 'calicoctl',
    });
    const wantedOf = async (files: Printed['files'] = {}) => {
      const printed = { ...bare, files, programs: { ...bare.programs, containerd: older } };
      const both = machines(factsMachine({ name: 'master', address: '10.1.20.20', ...printed }));
      const steps = await stepsOf('Hosts', fakeContext(both, { artifacts: some }), supplied('files'));
      return steps.find(({ kind, host }) => kind === 'host.binaries' && host === MASTER)?.want.get('containerd');
    };
    expect(await wantedOf()).toMatchObject({ version: '2.3.4' });
    const ours = { '/etc/systemd/system/containerd.service': '# written by cpaas\n' };
    expect(await wantedOf(ours)).toMatchObject({ version: '2.1.5' });
  });

  test('calicoctl comes to the machine where kubectl runs, of the cluster’s version', async () => {
    const steps = await stepsOf('Hosts', fakeContext(machines(), { artifacts }));
    const files = steps.filter(({ kind }) => kind === 'host.binaries');
    expect(files.map(({ host, want }) => [host, want.get('calicoctl')])).toEqual([
      [MASTER, { version: '3.31.7', sha256: sha256('calicoctl') }],
    ]);
  });

  test('images of a bundle are for the kubelet to clear up where one runs', async () => {
    const some = { ...artifacts, imageNames: async () => new Map([['registry.k8s.io/pause:3.10', sha256('archive')]]) };
    const initialised = [
      ...['admin.conf', 'kubelet.conf', 'pki/ca.crt', 'manifests/kube-apiserver.yaml'].map(
        (name) => `/etc/kubernetes/${name}`,
      ),
      ...['config.yaml', 'kubeadm-flags.env', 'pki/kubelet-client-current.pem'].map(
        (name) => `/var/lib/kubelet/${name}`,
      ),
    ];
    const paths = ['/run/containerd/containerd.sock', ...initialised];
    const all = machines(factsMachine({ name: 'master', address: '10.1.20.20', paths }));
    const steps = await stepsOf('Hosts', fakeContext(all, { artifacts: some }));
    expect(steps.flatMap(({ kind, place }) => (kind === 'host.images' ? [place] : []))).toEqual([
      { host: MASTER, node: true },
      { host: NODE, node: false },
    ]);
  });

  test('is left alone where the file says so, or somebody has put it there', async () => {
    expect(await titles(supplied('none'), {})).toEqual(['Kernel settings']);
    const there = (dump: string): Partial<Printed> => ({
      files: { '/etc/systemd/system/containerd.service': '[Unit]\n' },
      programs: { containerd: `containerd github.com/containerd/containerd 1.7.24 x\n${dump}` },
    });
    const kept = ['Kernel settings', 'Swap', 'Kernel modules', 'Modules and settings after a restart', 'Services'];
    expect(await titles(undefined, there('SystemdCgroup = true\n'))).toEqual(kept);
    for (const dump of ['SystemdCgroup = false\n', 'disabled_plugins = ["cri"]\nSystemdCgroup = true\n'])
      expect(await titles(undefined, there(dump))).toEqual(kept.toSpliced(4, 0, 'Configuration of containerd'));
  });

  test('a firewall that is on lets the cluster’s networks through, or goes off where the file says so', async () => {
    const on = { ...bare, files: { '/etc/ufw/ufw.conf': 'ENABLED=yes\n' } };
    const [, rules] = await prepared(undefined, on);
    expect([...(rules?.want.keys() ?? [])]).toEqual([
      'allow from 10.1.20.0/24',
      'route allow from 10.1.20.0/24',
      'allow from 192.168.0.0/16',
      'route allow from 192.168.0.0/16',
    ]);
    const elsewhere = (text: string) =>
      text
        .replace('address: 10.1.20.11', 'address: 10.10.2.20\n      sources: [10.9.0.0/24, 10.1.20.50, 10.10.2.20]')
        .replace('host: 10.1.20.11', 'host: 10.10.2.20');
    const [, more] = await prepared(elsewhere, on);
    expect([...(more?.want.keys() ?? [])].slice(rules?.want.size)).toEqual([
      'allow from 10.10.2.20 to any port 179 proto tcp',
      'route allow from 10.10.2.20 to 192.168.0.0/16',
      'route allow from 10.9.0.0/24 to 192.168.0.0/16',
    ]);
    const [, off] = await prepared((text) => text.replace('  network:', '  host: { ufw: disable }\n  network:'), on);
    expect(off?.kind).toBe('host.ufw');
  });
});

describe('the cluster', () => {
  test('has its address from the machine where the file leaves it out', async () => {
    const [step] = await stepsOf('Control plane', fakeContext(machines()), without);
    expect([...(step?.want.values() ?? [])]).toEqual([
      { stage: 'ready', version: 'v1.35.8', address: '10.1.20.20', pods: '192.168.0.0/16', services: '10.96.0.0/12' },
    ]);
  });

  test('is not begun where nobody can tell its address', async () => {
    const elsewhere = factsMachine({ name: 'master', address: '172.31.0.4' });
    const ctx = fakeContext(machines(elsewhere));
    const [step] = await stepsOf('Control plane', ctx, without);
    await expect(step?.read(ctx, new Set())).rejects.toMatchObject({ code: 'KUBEADM.ADDRESS' });
  });

  test('is joined by its certificate authority', async () => {
    const power = new Power();
    const cluster = new FakeCluster();
    const master = new FakeKubeadmHost('master', cluster, power);
    const ctx = fakeContext({ [MASTER]: master, [NODE]: new FakeKubeadmHost('node1', cluster, power) });
    await expect(stepsOf('Nodes', ctx)).rejects.toMatchObject({ code: 'KUBEADM.CA' });
    madeCluster(master, cluster, 'kubeadm-pair');
    const [step] = await stepsOf('Nodes', ctx);
    expect([...(step?.want.values() ?? [])]).toEqual([
      { stage: 'joined', role: 'worker', address: '10.1.20.21', cluster: PIN.one },
    ]);
  });
});

describe('the first control plane of several', () => {
  const paths = [
    '/run/containerd/containerd.sock',
    ...['admin.conf', 'kubelet.conf', 'pki/ca.crt', 'manifests/kube-apiserver.yaml'].map(
      (name) => `/etc/kubernetes/${name}`,
    ),
    ...['config.yaml', 'kubeadm-flags.env', 'pki/kubelet-client-current.pem'].map((name) => `/var/lib/kubelet/${name}`),
  ];
  const member = (name: string, address: string, mark = 'kubeadm-pair\nready\n') =>
    factsMachine({
      ...{ name, address, paths },
      files: { '/etc/kubernetes/cpaas-cluster': mark, '/etc/kubernetes/pki/ca.crt': CA.one },
    });
  const bare = (name: string, address: string) => factsMachine({ name, address });
  const place = async (all: Record<string, FakeMachine | undefined>) => {
    const known = Object.entries(all).flatMap(([key, machine]) => (machine ? [[key, machine] as const] : []));
    const ctx = fakeContext(Object.fromEntries(known));
    const silent = () => Promise.reject(new CpaasError('HOST.UNREACHABLE', 'it does not answer'));
    const host: typeof ctx.host = (key) =>
      all[key] ? ctx.host(key) : { ...ctx.host(MASTER), query: silent, queryAll: silent, read: silent };
    const [step] = await stepsOf('Control plane', { ...ctx, host }, threeControlPlanes);
    const { living, silent: unasked } = (step?.place ?? {}) as { living?: unknown; silent?: unknown };
    return { ...(living ? { living } : {}), ...(unasked ? { silent: unasked } : {}) };
  };
  const living = { asked: 'control-planes:kubeadm-pair but master', api: 'api.example.com:6443', pin: PIN.one };

  test('makes the cluster where nobody has it yet', async () => {
    const all = { [MASTER]: bare('master', '10.1.20.20'), [NODE]: bare('node1', '10.1.20.21') };
    expect(await place({ ...all, [THIRD]: bare('third', '10.1.20.22') })).toEqual({});
    expect(await place(all)).toEqual({ silent: ['third'] });
  });

  test('joins again where the cluster lives on, and makes no other one beside it', async () => {
    const others = { [NODE]: undefined, [THIRD]: member('third', '10.1.20.22') };
    expect(await place({ ...others, [MASTER]: bare('master', '10.1.20.20') })).toEqual({ living });
    const cut = member('master', '10.1.20.20', 'kubeadm-pair\nbegun\nmade\ncontrol-plane\n');
    expect(await place({ ...others, [MASTER]: cut })).toEqual({ living });
  });

  test('stays what it is while it is there, and joins no cluster of somebody else', async () => {
    const whole = member('master', '10.1.20.20');
    expect(await place({ [MASTER]: whole, [NODE]: member('node1', '10.1.20.21'), [THIRD]: undefined })).toEqual({});
    const theirs = member('node1', '10.1.20.21', 'site2\nready\n');
    expect(await place({ [MASTER]: bare('master', '10.1.20.20'), [NODE]: theirs, [THIRD]: theirs })).toEqual({});
  });
});
