// Machines that somebody has prepared and kubeadm has made a cluster of, on which nothing is left to do: what their programs print.
import { readFileSync } from 'node:fs';

const CERTIFICATE = readFileSync(new URL('../fixtures/kubeadm/ca-one.crt', import.meta.url), 'utf8');
/** Of every program that cpaas has put there. */
export const DIGEST = '5'.repeat(64);
const [CONTROL_PLANE, WORKER] = ['control-plane', 'worker'];
const KUBELET = [
  '/etc/kubernetes/kubelet.conf',
  '/etc/kubernetes/pki/ca.crt',
  '/var/lib/kubelet/config.yaml',
  '/var/lib/kubelet/kubeadm-flags.env',
  '/var/lib/kubelet/pki/kubelet-client-current.pem',
];
const MASTER = ['/etc/kubernetes/admin.conf', '/etc/kubernetes/manifests/kube-apiserver.yaml', '/var/lib/etcd/member'];

/** Machines of a cluster file: the first one makes the cluster, the others join it. */
export const settledMachines = (count) =>
  Array.from({ length: count }, (_, at) => ({
    name: at === 0 ? 'master' : `node${at}`,
    role: at === 0 ? CONTROL_PLANE : WORKER,
    address: `10.1.20.${20 + at}`,
  }));

/** `answer(host, argv)` of such machines, in a cluster of this name and version. */
export function settledCluster({ cluster, version, machines }) {
  const names = machines.map(({ name }) => name);
  const each = machines.map((machine) => machineOf(machine, cluster));
  return (host, argv) => answer(argv, each[host], { version, names });
}

function machineOf({ name, role, address }, cluster) {
  const files = {
    '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12"\n',
    '/proc/1/comm': 'systemd\n',
    '/proc/meminfo': 'MemTotal:        4028440 kB\n',
    '/proc/swaps': 'Filename\tType\tSize\tUsed\tPriority\n',
    '/proc/sys/net/ipv4/ip_forward': '1\n',
    '/etc/fstab': '/dev/sda1 / ext4 defaults 0 1\n',
    '/etc/machine-id': `${Buffer.from(name).toString('hex').padEnd(32, '0')}\n`,
    '/etc/resolv.conf': 'nameserver 192.0.2.53\n',
    '/etc/kubernetes/cpaas-cluster': `${cluster}\nready\n`,
    '/etc/kubernetes/pki/ca.crt': CERTIFICATE,
    '/etc/kubernetes/kubelet.conf': 'client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem\n',
    '/var/lib/kubelet/kubeadm-flags.env': `KUBELET_KUBEADM_ARGS="--node-ip=${address}"\n`,
    '/etc/kubernetes/manifests/kube-apiserver.yaml': `    kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: ${address}:6443\n`,
    [`/etc/modules-load.d/cpaas-${cluster}.conf`]: 'overlay\n',
    [`/etc/sysctl.d/99-cpaas-${cluster}.conf`]: 'net.ipv4.ip_forward = 1\n',
  };
  const paths = new Set(['/run/containerd/containerd.sock', ...KUBELET, ...(role === CONTROL_PLANE ? MASTER : [])]);
  return { name, address, files, paths };
}

function answer([program, ...args], machine, cluster) {
  const { name, address, files, paths } = machine;
  const path = args.at(-1);
  if (program === 'sudo') return answer(args.slice(2), machine, cluster);
  if (program === 'env') return answer(args.slice(1), machine, cluster);
  if (program === 'cat') return files[path] ?? gone(program, path);
  if (program === 'test') return '';
  if (program === 'stat' && args[0] === '-f') return 'cgroup2fs\n';
  if (program === 'stat' && args[0] === '-L')
    return args
      .slice(4)
      .map((each) => `755 ${each}\n`)
      .join('');
  if (program === 'stat') return files[path] === undefined ? gone(program, path) : '644 root:root regular file\n';
  if (program === 'sha256sum')
    return args
      .filter((each) => each !== '--')
      .map((each) => `${DIGEST}  ${each}\n`)
      .join('');
  if (program === 'ls' && args[0] === '-1d') return listed(args.slice(1), paths);
  if (program === 'ls') return args[0] === '-A' && /\/$|\.kube$/.test(path) ? '' : gone(program, path);
  if (program === 'systemctl' && args[0] === 'is-active') return { stdout: 'inactive\ninactive\n', code: 3 };
  if (program === 'systemctl')
    return 'LoadState=loaded\nUnitFileState=enabled\nActiveState=active\n\n'.repeat(
      args.length - args.indexOf('--') - 1 || 1,
    );
  if (program === 'dpkg-query') return { stdout: 'containerd\tii \t1.7.24\n', code: 1 };
  if (program === 'kubectl') return ofCluster(args, cluster);
  if (program === 'ip')
    return JSON.stringify(
      args.includes('route')
        ? []
        : [{ ifname: 'eth0', addr_info: [{ family: 'inet', local: address, prefixlen: 24 }] }],
    );
  const said = {
    id: args[0] === '-un' ? 'root\n' : '0\n',
    getent: 'root:x:0:0:root:/root:/bin/bash\n',
    hostname: `${name}\n`,
    nproc: '2\n',
    uname: 'Linux 6.1.0 x86_64\n',
    dpkg: 'amd64\n',
    date: `${Date.now() / 1000}\n`,
    df: 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 20509264 2106876 17335272 11% /\n',
    ss: 'LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n',
    kubeadm: `${cluster.version}\n`,
    containerd: args[0] === 'config' ? '            SystemdCgroup = true\n' : 'containerd containerd.io 1.7.24\n',
  };
  return said[program] ?? { code: program === 'printenv' ? 1 : 127 };
}

const gone = (program, path) => ({
  code: program === 'ls' ? 2 : 1,
  stderr: `${program}: ${path}: No such file or directory\n`,
});

function listed(asked, paths) {
  const there = asked.filter((path) => paths.has(path));
  return { stdout: there.map((path) => `${path}\n`).join(''), code: there.length === asked.length ? 0 : 2 };
}

function ofCluster(args, { version, names }) {
  if (args.includes('nodes')) return names.map((name) => `node/${name}\n`).join('');
  if (args.includes('cluster-info')) return 'configmap/cluster-info\n';
  const ClusterConfiguration = JSON.stringify({
    kubernetesVersion: version,
    networking: { podSubnet: '192.168.0.0/16', serviceSubnet: '10.96.0.0/12' },
  });
  return JSON.stringify({ data: { ClusterConfiguration } });
}
