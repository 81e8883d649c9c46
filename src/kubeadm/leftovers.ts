import { z } from 'zod';
import { reading } from '../core/reading.ts';
import type { Transport } from '../core/transport.ts';
import { parseAnswer } from '../host/answer.ts';
import { inRange, LIST_ROUTES, parseRoutes } from '../host/kernel-routes.ts';
import { OWNER } from './paths.ts';
import { clearingScript } from './rules.ts';

/** What kubeadm, the kubelet and Calico leave on a host after `kubeadm reset`. Configurations of other network plugins stay. */
const FILES = [
  '/etc/cni/net.d/10-calico.conflist',
  '/etc/cni/net.d/calico-kubeconfig',
  '/opt/cni/bin/calico',
  '/opt/cni/bin/calico-ipam',
  '/etc/kubernetes/tmp',
  '/var/lib/calico',
  '/run/calico',
  '/var/log/calico',
  '/var/lib/cni',
  '/var/log/pods',
  '/var/log/containers',
  '/root/.kube/cache',
] as const;
/** Folders that were made for the cluster, unless a package has brought them. They go when nothing is in them any more. */
const FOLDERS = [
  '/opt/cni',
  '/root/.kube',
  '/etc/kubernetes/manifests',
  '/etc/kubernetes/pki',
  '/var/lib/kubelet',
  '/var/lib/etcd',
  '/usr/libexec/kubernetes',
] as const;
const SAVES = ['iptables', 'ip6tables', 'iptables-legacy', 'ip6tables-legacy'] as const;
/** BIRD's number, since its name is whatever the host's rt_protos says. */
const BIRD = '12';
const Links = z.array(z.object({ ifname: z.string() }));

/** Slices in which the kubelet had its pods; it makes them by name, and they stay when it ends. */
const STOP_SLICES = ['systemctl', 'stop', 'kubepods.slice'] as const;

/** What is sent to clear a host, in words where it depends on what is found there. */
export const clearingCommands = (pods: string): readonly (readonly string[])[] => [
  ['iptables-restore', '--noflush', '<the chains of kube-proxy, kubelet and Calico alone>'],
  ['ip', 'link', 'delete', '<interfaces of Calico>'],
  ['ip', 'route', 'delete', `<routes of BIRD within ${pods}>`],
  STOP_SLICES,
  ['rm', '-rf', ...FILES],
  ['find', ...FOLDERS, '-type', 'd', '-empty', '-delete'],
  ['rm', '-f', OWNER],
];

/**
 * Takes away what a reset leaves: rules, interfaces and routes of the cluster's own, found first and named one by one, and its files.
 * The mark of ownership goes last, so that a cut anywhere leaves something to find.
 */
export async function clearLeftovers(machine: Transport, pods: string): Promise<void> {
  const saves = SAVES.map((flavour) => reading([`${flavour}-save`], { codes: [1, 127] }));
  const packaged = reading(['dpkg-query', '-S', ...FOLDERS], { codes: [1, 127] });
  const links = reading(['ip', '-json', 'link', 'show']);
  const [linked, routed, owned, ...saved] = await machine.queryAll([links, LIST_ROUTES, packaged, ...saves]);

  for (const [at, flavour] of SAVES.entries()) {
    const script = clearingScript(saved[at]?.code === 0 ? saved[at].stdout : '');
    if (script) await machine.run([`${flavour}-restore`, '--noflush'], { stdin: script });
  }
  const names = parseAnswer(Links, linked?.stdout || '[]', 'HOST.ANSWER', `ip link on ${machine.name}`);
  for (const { ifname } of names)
    if (isCalicos(ifname)) await machine.run(['ip', 'link', 'delete', ifname], { codes: [1, 2] });
  const within = inRange(pods);
  for (const { destination, protocol } of parseRoutes(routed?.stdout ?? '', machine.name))
    if (protocol === 'bird' && within(destination))
      await machine.run(['ip', 'route', 'delete', destination, 'proto', BIRD], { codes: [2] });

  // 5: there is none
  await machine.run(STOP_SLICES, { codes: [5], timeout: 60_000 });
  await machine.run(['rm', '-rf', ...FILES]);
  const kept = new Set((owned?.stdout ?? '').split('\n').map((line) => line.slice(line.indexOf(': ') + 2)));
  const folders = FOLDERS.filter((folder) => !kept.has(folder));
  // a folder that is not there is no trouble
  if (folders.length > 0) await machine.run(['find', ...folders, '-type', 'd', '-empty', '-delete'], { codes: [1] });
  await machine.run(['rm', '-f', OWNER]);
  if (!kept.has('/etc/kubernetes')) await machine.run(['rmdir', '/etc/kubernetes'], { codes: [1] });
}

/** A pod's end, and tunnels. `tunl0` is the kernel's own and stays for as long as its module does. */
const isCalicos = (name: string): boolean => /^cali[0-9a-f]{11}$|^vxlan\.calico$|^wireguard\.cali$/.test(name);
