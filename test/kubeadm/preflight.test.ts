import { describe, expect, test } from 'vitest';
import type { Candidate, Expectations } from '../../src/kubeadm/checks/check.ts';
import { readHostFacts } from '../../src/kubeadm/host-facts.ts';
import { preflight } from '../../src/kubeadm/preflight.ts';
import { CONTAINERD, type Fault, faults } from '../helpers/broken-hosts.ts';
import { fakeContext } from '../helpers/fake-host.ts';
import { factsMachine, NOW } from '../helpers/fake-host-facts.ts';
import { CA, PIN } from '../helpers/fake-kubeadm.ts';

const master: Fault = { role: 'control-plane' };
/** What kubeadm leaves on a node that has joined. */
const nodePaths = [
  '/etc/kubernetes/kubelet.conf',
  '/etc/kubernetes/pki/ca.crt',
  '/var/lib/kubelet/config.yaml',
  '/var/lib/kubelet/kubeadm-flags.env',
  '/var/lib/kubelet/pki/kubelet-client-current.pem',
];
const wanted: Expectations = {
  cluster: 'site1',
  version: 'v1.35.8',
  nodes: '10.1.20.0/24',
  pods: '192.168.0.0/16',
  services: '10.96.0.0/12',
};

async function candidate(
  name: string,
  at: number,
  { role = 'worker', address, ...printed }: Fault,
): Promise<Candidate> {
  const machine = factsMachine({ name, address: `10.1.20.${at + 20}`, ...printed });
  const facts = await readHostFacts(fakeContext({ host: machine }).host('host'), () => NOW);
  return { name, role, facts, ...(address === undefined ? {} : { address }) };
}

const candidates = (faults: Readonly<Record<string, Fault>>) =>
  Promise.all(Object.entries(faults).map(([name, fault], at) => candidate(name, at, fault)));

/** All troubles of a set of machines, by name and check. */
async function troubles(faults: Readonly<Record<string, Fault>>, other: Partial<Expectations> = {}) {
  const version = other.version ?? wanted.version;
  const having = Object.entries(faults).map(([name, fault]) => [
    name,
    { ...fault, programs: { kubeadm: `${version}\n`, ...fault.programs } },
  ]);
  const found = preflight(await candidates(Object.fromEntries(having)), { ...wanted, ...other });
  return Object.fromEntries([...found].filter(([, checks]) => Object.keys(checks).length > 0));
}

describe('twenty broken machines, one fault each, and a good one', () => {
  test('all are told at once, each with its fault alone and what to do', async () => {
    expect(await troubles(faults)).toMatchInlineSnapshot(`
      {
        "another-of-ours": {
          "membership": "it belongs to the cluster site2 of cpaas: cpaas down --cluster site2, or leave it out of this file",
        },
        "api-port-taken": {
          "ports": "something listens on tcp 6443: stop it (ss -ltnp shows who)",
        },
        "clone-1": {
          "machineId": "it has the machine-id of clone-2 (c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1): rm /etc/machine-id && systemd-machine-id-setup on one of them: they are clones",
        },
        "clone-2": {
          "machineId": "it has the machine-id of clone-1 (c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1): rm /etc/machine-id && systemd-machine-id-setup on one of them: they are clones",
        },
        "foreign": {
          "membership": "it is a node of somebody else's cluster (sha256:783954d6e2460f295b087c8b17a502d915aa4ac990be139de5409a80f324f6e6): kubeadm reset there if nobody needs it",
        },
        "half-joined": {
          "membership": "kubeadm has begun a join there and not ended it, and not for cpaas: kubeadm reset there if nobody needs it",
        },
        "late": {
          "clock": "its clock is 95 s behind the others: systemctl enable --now systemd-timesyncd",
        },
        "loop": {
          "names": "pods would be told to ask the nameserver 127.0.0.53, which is themselves: name a real one in /etc/resolv.conf, or run systemd-resolved",
        },
        "master": {
          "hostname": "it has the hostname of same-name (master): hostnamectl set-hostname NAME on one of them",
        },
        "no-kubeadm": {
          "programs": "kubelet, kubeadm and kubectl v1.35.8 have to be installed there (kubeadm is not there, the unit kubelet is there): docs/kubeadm.md",
        },
        "no-nameserver": {
          "names": "it knows no nameserver: name one in /etc/resolv.conf",
        },
        "no-root": {
          "login": "commands run as user 1000, not as root: log in as root, or as a user who may use sudo",
        },
        "no-runtime": {
          "programs": "containerd does not answer there: install and start it",
        },
        "no-systemd": {
          "system": "its first process is not systemd, which runs the kubelet: use a machine with systemd",
        },
        "old-cgroups": {
          "cgroup": "kubelet 1.35 does not start on a host with control groups version 1: take Kubernetes 1.34, or start the host with systemd.unified_cgroup_hierarchy=1",
        },
        "old-kubeadm": {
          "programs": "kubelet, kubeadm and kubectl v1.35.8 have to be installed there (kubeadm is v1.34.4, the unit kubelet is there): docs/kubeadm.md",
        },
        "other-network-plugin": {
          "cni": "another network plugin is configured and would go first (/etc/cni/net.d/05-cilium.conflist): move it away",
        },
        "port-taken": {
          "ports": "something listens on tcp 10250: stop it (ss -ltnp shows who)",
        },
        "riscv": {
          "architecture": "there is no Kubernetes for riscv64: use x86_64 or aarch64",
        },
        "same-name": {
          "hostname": "it has the hostname of master (master): hostnamectl set-hostname NAME on one of them",
        },
        "small-cpu": {
          "cpus": "it has 1 CPU, and a control plane needs 2: give it more",
        },
        "small-disk": {
          "disk": "97 MiB are free under /var/lib, and 4096 are needed: make room there",
        },
        "small-memory": {
          "memory": "it has 1000 MiB of memory, and a control plane needs 1700: give it more",
        },
        "swaps-to-memory": {
          "swap": "it swaps to compressed memory (/dev/zram0), which comes back by itself: uninstall zram-tools or systemd-zram-generator",
        },
        "two-runtimes": {
          "runtimes": "several container runtimes answer there (containerd, cri-o): stop and disable all but one",
        },
        "uuid-1": {
          "productUuid": "it has the product_uuid of uuid-2 (4c4c4544-0000-2010-8020-80c04f202020): give one of the virtual machines a UUID of its own",
        },
        "uuid-2": {
          "productUuid": "it has the product_uuid of uuid-1 (4c4c4544-0000-2010-8020-80c04f202020): give one of the virtual machines a UUID of its own",
        },
        "wrong-address": {
          "address": "it does not have 10.1.20.99 (it has 10.1.20.35 on eth0): correct hosts[].address",
        },
      }
    `);
  });

  test('none is told of machines that are as they should be', async () => {
    expect(await troubles({ master, node1: {}, node2: { address: '10.1.20.22' } })).toEqual({});
  });
});

describe('what a machine has that belongs to the cluster', () => {
  const running: Fault = {
    role: 'control-plane',
    paths: [
      CONTAINERD,
      '/etc/kubernetes/admin.conf',
      '/etc/kubernetes/manifests/kube-apiserver.yaml',
      ...nodePaths,
      '/var/lib/etcd/member',
    ],
    files: { '/etc/kubernetes/pki/ca.crt': CA.one, '/etc/kubernetes/cpaas-cluster': 'site1\nready\n' },
    programs: { ss: 'LISTEN 0 4096 *:6443 *:*\nLISTEN 0 4096 *:10250 *:*\n' },
    cni: ['10-calico.conflist'],
  };

  test('its ports are no trouble', async () => {
    expect(await troubles({ master: running, node1: {} })).toEqual({});
  });

  test('data of an etcd are in the way of a control plane, unless they are its own', async () => {
    const data: Fault = { paths: [CONTAINERD, '/var/lib/etcd/member'] };
    const cut = { ...data, files: { '/etc/kubernetes/cpaas-cluster': 'site1\nbegun\ncontrol-plane\n' } };
    expect(await troubles({ master: { ...master, ...data }, second: { ...master, ...cut }, node1: data })).toEqual({
      master: { etcd: expect.stringMatching(/no control plane has made \(\/var\/lib\/etcd\/member\): move them away/) },
    });
  });

  test('a worker of some cluster is not made a control plane over its head', async () => {
    const worker: Fault = {
      ...master,
      paths: [CONTAINERD, ...nodePaths],
      files: { '/etc/kubernetes/pki/ca.crt': CA.other },
    };
    expect(await troubles({ master: worker })).toEqual({
      master: { membership: expect.stringMatching(/a worker of a cluster \(sha256:.*kubeadm reset there/) },
    });
  });

  test('a worker that was joined by hand is one of it, by the key of its certificate authority', async () => {
    const joined: Fault = {
      paths: running.paths?.filter((path) => !/admin|apiserver|etcd/.test(path)) ?? [],
      files: { '/etc/kubernetes/pki/ca.crt': CA.one },
    };
    expect(await troubles({ master: running, node1: joined })).toEqual({});
    expect(await troubles({ master, node1: joined })).toEqual({
      node1: { membership: expect.stringContaining(PIN.one) },
    });
  });
});

describe('where cpaas prepares machines', () => {
  const prepared = (faults: Readonly<Record<string, Fault>>, other: Partial<Expectations> = {}) =>
    troubles(faults, { supply: 'packages', ...other });
  const bare: Fault = { programs: { kubeadm: { code: 127 }, systemctl: 'LoadState=not-found\n' }, paths: [] };
  const swapping: Fault = {
    files: { '/proc/swaps': 'Filename Type Size Used Priority\n/swapfile file 2014208 0 -2\n' },
  };

  test('what it brings is no trouble', async () => {
    expect(await prepared({ master: { ...master, ...bare }, node1: { ...bare, ...swapping } })).toEqual({});
    expect(await troubles({ master, node1: swapping })).toEqual({
      node1: { swap: 'it swaps (/swapfile): swapoff -a, and take it out of /etc/fstab' },
    });
  });

  test('what is in its way is', async () => {
    const fedora = 'NAME="Fedora Linux"\nID=fedora\nVERSION_ID=43\nPRETTY_NAME="Fedora Linux 43"\n';
    const theirs: Fault = {
      paths: [],
      files: { '/etc/systemd/system/containerd.service': '[Unit]\n' },
      programs: { containerd: 'containerd github.com/containerd/containerd 1.7.24 x\n' },
    };
    expect(
      await prepared({
        master: { ...master, ...bare },
        fedora: { ...bare, files: { '/etc/os-release': fedora } },
        'own-kubeadm': { programs: { kubeadm: 'v1.33.1\n' } },
        'dead-containerd': theirs,
        firewalled: {
          programs: { systemctl: 'LoadState=loaded\nActiveState=active\n' },
          firewalls: 'inactive\nactive\n',
        },
        'other-runtime': { ...bare, paths: ['/run/crio/crio.sock'] },
      }),
    ).toMatchInlineSnapshot(`
      {
        "dead-containerd": {
          "programs": "a containerd that came from no package does not answer there: start it, or remove it",
        },
        "fedora": {
          "programs": "packages cannot be installed there: Fedora Linux 43 is neither Debian nor Ubuntu; use prepare: files, or install them yourself",
        },
        "firewalled": {
          "firewall": "firewalld filters there, and would keep nodes and routers apart: systemctl disable --now firewalld, or use ufw",
        },
        "other-runtime": {
          "runtimes": "cri-o is its container runtime, and cpaas uses containerd: stop and disable it",
        },
        "own-kubeadm": {
          "programs": "kubeadm v1.33.1 is there, from no package, and v1.35.8 is wanted: remove it with its kubelet, or correct version",
        },
      }
    `);
  });

  test('a node is not given another version, whether its programs are packages or files', async () => {
    const joined: Fault = {
      paths: [CONTAINERD, ...nodePaths],
      files: { '/etc/kubernetes/pki/ca.crt': CA.one, '/etc/kubernetes/cpaas-cluster': 'site1\nready\n' },
    };
    const packages = (kubelet: string) => ({
      'dpkg-query': { stdout: `kubelet\thi \t${kubelet}\nkubeadm\thi \t1.35.8-2.1\n`, code: 1 },
    });
    const ours = { ...joined.files, '/etc/systemd/system/kubelet.service': '# written by cpaas\n' };
    const found = await prepared({
      master: { ...master, ...joined },
      same: { ...joined, programs: packages('1.35.8-1.1') },
      fresh: { programs: { ...packages('1.34.4-1.1'), kubeadm: 'v1.34.4\n' } },
      packaged: { ...joined, programs: { ...packages('1.34.4-1.1'), kubeadm: 'v1.34.4\n' } },
      filed: { ...joined, files: ours, programs: { kubeadm: 'v1.34.4\n' } },
      halfway: { ...joined, programs: packages('1.34.4-1.1') },
    });
    const why = (what: string) =>
      `it is a node already with ${what}, and v1.35.8 is wanted: cpaas does not upgrade nodes: upgrade it to v1.35.8 by hand (docs/kubeadm.md), or correct version`;
    const programs = Object.fromEntries(Object.entries(found).map(([name, checks]) => [name, checks.programs]));
    expect(programs).toEqual({
      packaged: why('kubeadm v1.34.4'),
      filed: why('kubeadm v1.34.4'),
      halfway: why('kubelet 1.34.4-1.1'),
    });
  });

  test('from 1.36 on a containerd 1 that is there is', async () => {
    const old: Fault = { programs: { containerd: 'containerd github.com/containerd/containerd 1.7.24 x\n' } };
    expect(await prepared({ master, node1: old }, { version: 'v1.36.4' })).toMatchObject({
      node1: { runtimes: expect.stringContaining('needs containerd 2') },
    });
    expect(await prepared({ master, node1: old })).toEqual({});
  });
});

test('a Kubernetes that is too old is told once, at the machine that makes the cluster', async () => {
  const old = await troubles({ master, node1: {} }, { version: 'v1.30.2' });
  expect(old).toEqual({ master: { versions: expect.stringContaining('older than v1.31') } });
});

test('networks that the machine has are not given to pods or services', async () => {
  const docker0 = { dst: '172.17.0.0/16', dev: 'docker0', protocol: '2' };
  const office = { dst: '10.100.0.0/16', gateway: '10.1.20.254', dev: 'eth0', protocol: '4' };
  const clash = async (other: Partial<Expectations>) =>
    Object.values(preflight([await withRoutes([docker0, office])], { ...wanted, ...other }).get('node1') ?? {});
  expect(await clash({ services: '10.64.0.0/12', pods: '172.16.0.0/12' })).toEqual([
    'the pod network 172.16.0.0/12 overlaps 172.17.0.0/16 on docker0: choose another network.pods',
  ]);
  expect(await clash({})).toEqual([
    'the service network 10.96.0.0/12 overlaps 10.100.0.0/16 on eth0: choose another network.services',
  ]);
});

async function withRoutes(routes: readonly object[]): Promise<Candidate> {
  const machine = factsMachine({ name: 'node1', address: '10.1.20.21' });
  const { ip } = machine.programs;
  const programs = {
    ...machine.programs,
    ip: (args: readonly string[], stdin: string) =>
      args.includes('route') ? JSON.stringify(routes) : (ip?.(args, stdin) ?? ''),
  };
  const facts = await readHostFacts(fakeContext({ host: { ...machine, programs } }).host('host'), () => NOW);
  return { name: 'node1', role: 'worker', facts };
}

describe('machines that are odd', () => {
  test('and no worse for it are no trouble', async () => {
    const files = (path: string, text: string): Fault => ({ files: { [path]: text } });
    const stub = 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n';
    expect(
      await troubles({
        master: { ...master, programs: { hostname: 'Master.Example.COM\n' } },
        stub: { files: { '/etc/resolv.conf': stub, '/run/systemd/resolve/resolv.conf': 'nameserver 192.0.2.53\n' } },
        'six-only': files('/etc/resolv.conf', 'nameserver 2001:db8::53\nnameserver fe80::1%eth0\n'),
        arm: { programs: { uname: 'Linux 6.8.0-1-raspi aarch64\n', dpkg: 'arm64\n' } },
        'no-dpkg': { programs: { dpkg: { code: 127 } } },
        old: { programs: { uname: 'Linux 4.18.0-553.el8 x86_64\n' } },
        'no-firmware': { files: { '/sys/class/dmi/id/product_uuid': undefined } },
      }),
    ).toEqual({});
  });

  test('have words for what is wrong', async () => {
    expect(
      await troubles({
        master,
        talkative: { programs: { id: 'Welcome to talkative!\n0\n' } },
        'half-arm': { programs: { uname: 'Linux 6.6.0 aarch64\n', dpkg: 'armhf\n' } },
        tiny: { programs: { uname: 'Linux 6.1.0 armv7l\n', dpkg: 'armhf\n' } },
        unresolved: { files: { '/run/systemd/resolve/resolv.conf': '# No DNS servers known.\n' } },
        hybrid: { programs: { stat: 'tmpfs\n' } },
      }),
    ).toMatchInlineSnapshot(`
      {
        "half-arm": {
          "architecture": "its programs are for armhf under a kernel for aarch64: install the system for arm64",
        },
        "hybrid": {
          "cgroup": "kubelet 1.35 does not start on a host with control groups version 1: take Kubernetes 1.34, or start the host with systemd.unified_cgroup_hierarchy=1",
        },
        "talkative": {
          "login": "its shell prints text of its own around what commands answer: let ~/.bashrc and the like do that at a terminal alone ([ -t 1 ])",
        },
        "tiny": {
          "architecture": "there is no Kubernetes for armv7l: use x86_64 or aarch64",
        },
        "unresolved": {
          "names": "it knows no nameserver: name one in systemd-resolved (resolvectl status shows what it has)",
        },
      }
    `);
  });
});
