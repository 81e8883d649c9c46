import { type ReadCommand, reading } from '../core/reading.ts';
import type { Output } from '../core/transport.ts';
import { CONTAINERD_CONFIG } from '../host/containerd.ts';
import { LIST_ROUTES } from '../host/kernel-routes.ts';
import { softwareQuestions } from '../host/software.ts';
import { CA_CERTIFICATE, CONTAINERD_PATH, CONTAINERD_UNIT, KUBELET_UNIT, OWNER } from './paths.ts';
import { MARKER_QUESTION } from './stage.ts';

/** What is not there is an answer too. */
const whatever = { codes: [1, 2, 3, 4, 127] };
const file = (path: string): ReadCommand => reading(['cat', path], whatever);

/** All that is asked of a machine, in one round trip. */
export const hostQuestions = {
  uid: reading(['id', '-u']),
  os: file('/etc/os-release'),
  kernel: reading(['uname', '-srm']),
  init: file('/proc/1/comm'),
  cgroup: reading(['stat', '-f', '-c', '%T', '/sys/fs/cgroup'], whatever),
  securityfs: reading(['stat', '-f', '-c', '%T', '/sys/kernel/security'], whatever),
  cpus: reading(['nproc']),
  memory: file('/proc/meminfo'),
  disk: reading(['df', '-P', '-k', '/var/lib']),
  swap: file('/proc/swaps'),
  hostname: reading(['hostname']),
  machineId: file('/etc/machine-id'),
  productUuid: file('/sys/class/dmi/id/product_uuid'),
  clock: reading(['date', '+%s.%N']),
  addresses: reading(['ip', '-json', 'address', 'show']),
  routes: LIST_ROUTES,
  sockets: reading(['ls', '-1d', CONTAINERD_PATH, '/run/cri-dockerd.sock', '/run/crio/crio.sock'], whatever),
  containerd: reading(['containerd', '--version'], whatever),
  docker: reading(['dockerd', '--version'], whatever),
  ports: reading(['ss', '-H', '-l', '-t', '-n'], whatever),
  kubeadm: reading(['kubeadm', 'version', '-o', 'short'], whatever),
  kubelet: reading(['systemctl', 'show', 'kubelet', '--property=LoadState,ActiveState'], whatever),
  firewalls: reading(['systemctl', 'is-active', 'ufw', 'firewalld'], whatever),
  /** Where systemd-resolved runs, kubeadm has pods ask its upstreams instead of what /etc/resolv.conf names. */
  upstreams: file('/run/systemd/resolve/resolv.conf'),
  resolver: file('/etc/resolv.conf'),
  markers: MARKER_QUESTION,
  certificate: file(CA_CERTIFICATE),
  cni: reading(['ls', '-1', '/etc/cni/net.d'], whatever),
  owner: file(OWNER),
  containerdConfig: file(CONTAINERD_CONFIG),
  containerdDump: reading(['containerd', 'config', 'dump'], whatever),
  containerdUnit: file(CONTAINERD_UNIT),
  kubeletUnit: file(KUBELET_UNIT),
  ...softwareQuestions,
} as const satisfies Readonly<Record<string, ReadCommand>>;

export type Said = Readonly<Record<keyof typeof hostQuestions, Output>>;
