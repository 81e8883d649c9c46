import type { Candidate } from '../../src/kubeadm/checks/check.ts';
import { NOW, type Printed } from './fake-host-facts.ts';
import { CA } from './fake-kubeadm.ts';

/** What a machine says otherwise than a good one. */
export type Fault = Omit<Printed, 'name' | 'address'> & Partial<Pick<Candidate, 'role' | 'address'>>;

export const CONTAINERD = '/run/containerd/containerd.sock';
const CLONE = { '/etc/machine-id': `${'c1'.repeat(16)}\n` };
const UUID = { '/sys/class/dmi/id/product_uuid': '4C4C4544-0000-2010-8020-80C04F202020\n' };
const listening = (port: number) => `LISTEN 0 4096 *:${port} *:*\n`;
/** Machines with one fault each, which no other has, and a good one. */
export const faults: Readonly<Record<string, Fault>> = {
  master: { role: 'control-plane' },
  'small-cpu': { role: 'control-plane', programs: { nproc: '1\n' } },
  'small-memory': { role: 'control-plane', files: { '/proc/meminfo': 'MemTotal:        1024000 kB\n' } },
  'small-disk': {
    programs: {
      df: 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 4000000 3900000 100000 98% /\n',
    },
  },
  'old-cgroups': { programs: { stat: 'tmpfs\n' } },
  'no-root': { programs: { id: '1000\n' } },
  'no-systemd': { files: { '/proc/1/comm': 'init\n' } },
  riscv: { programs: { uname: 'Linux 6.1.0 riscv64\n' } },
  'swaps-to-memory': {
    files: { '/proc/swaps': 'Filename Type Size Used Priority\n/dev/zram0 partition 2014208 0 100\n' },
  },
  'same-name': { programs: { hostname: 'master\n' } },
  'clone-1': { files: CLONE },
  'clone-2': { files: CLONE },
  'uuid-1': { files: UUID },
  'uuid-2': { files: UUID },
  late: { programs: { date: `${NOW / 1000 - 95}.000000000\n` } },
  'wrong-address': { address: '10.1.20.99' },
  'two-runtimes': { paths: [CONTAINERD, '/run/crio/crio.sock'] },
  'port-taken': { programs: { ss: listening(10250) } },
  'api-port-taken': { role: 'control-plane', programs: { ss: listening(6443) } },
  loop: { files: { '/etc/resolv.conf': 'nameserver 127.0.0.53\n' } },
  'no-nameserver': { files: { '/etc/resolv.conf': '' } },
  'half-joined': { paths: [CONTAINERD, '/etc/kubernetes/bootstrap-kubelet.conf', '/etc/kubernetes/pki/ca.crt'] },
  'no-kubeadm': { programs: { kubeadm: { code: 127 } } },
  'old-kubeadm': { programs: { kubeadm: 'v1.34.4\n' } },
  'no-runtime': { paths: [] },
  foreign: {
    paths: [
      CONTAINERD,
      '/etc/kubernetes/kubelet.conf',
      '/etc/kubernetes/pki/ca.crt',
      '/var/lib/kubelet/config.yaml',
      '/var/lib/kubelet/kubeadm-flags.env',
      '/var/lib/kubelet/pki/kubelet-client-current.pem',
    ],
    files: { '/etc/kubernetes/pki/ca.crt': CA.other },
  },
  'another-of-ours': { files: { '/etc/kubernetes/cpaas-cluster': 'site2\nready\n' } },
  'other-network-plugin': { cni: ['05-cilium.conflist', '87-podman-bridge.conflist'] },
};
