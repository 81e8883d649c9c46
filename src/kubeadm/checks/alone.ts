import { contains, overlaps } from '../../net/cidr.ts';
import { obstacle } from '../../versions/rules.ts';
import { soleAddress } from '../interfaces.ts';
import type { Candidate, Check } from './check.ts';

/** What kubeadm asks of a control plane; MiB. (checks.go) */
const CONTROL_PLANE = { cpus: 2, memory: 1700 };
/** What Debian calls the processors that there is a Kubernetes for. */
const DEBIAN_NAMES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };
/** MiB. Images, logs and etcd take about that much before the first pod of the user's; below it the kubelet evicts. */
const DISK = 4096;
/** What must be free, by role; the kubelet's, and those of the control plane and its etcd. */
const PORTS = { worker: [10250], 'control-plane': [6443, 10250, 10257, 10259, 2379, 2380] } as const;
/** Containers of this machine's own network plugin, and what Docker answers names with. */
const LOOPBACK = '127.0.0.0/8';

/** The checks that need no other machine. */
export const ownChecks = {
  login: ({ facts }) => {
    if (facts.uid === 0) return undefined;
    return Number.isNaN(facts.uid)
      ? 'its shell prints text of its own around what commands answer: let ~/.bashrc and the like do that at a terminal alone ([ -t 1 ])'
      : `commands run as user ${facts.uid}, not as root: log in as root, or as a user who may use sudo`;
  },
  system: ({ facts }) =>
    facts.systemd ? undefined : 'its first process is not systemd, which runs the kubelet: use a machine with systemd',
  architecture: ({ facts: { architecture, software } }) => {
    const debian = DEBIAN_NAMES[architecture];
    if (debian === undefined)
      return `there is no Kubernetes for ${architecture || 'its processor'}: use x86_64 or aarch64`;
    return ['', debian].includes(software.architecture)
      ? undefined
      : `its programs are for ${software.architecture} under a kernel for ${architecture}: install the system for ${debian}`;
  },
  cgroup: ({ facts: { cgroup } }, _, { version }) => obstacle({ kubernetes: version, cgroup }),
  cpus: ({ role, facts: { cpus } }) =>
    role === 'control-plane' && cpus < CONTROL_PLANE.cpus
      ? `it has ${cpus} CPU, and a control plane needs ${CONTROL_PLANE.cpus}: give it more`
      : undefined,
  memory: ({ role, facts: { memory } }) =>
    role === 'control-plane' && memory < CONTROL_PLANE.memory
      ? `it has ${memory} MiB of memory, and a control plane needs ${CONTROL_PLANE.memory}: give it more`
      : undefined,
  disk: ({ facts: { disk, stage } }) =>
    disk < DISK && stage === 'none'
      ? `${disk} MiB are free under /var/lib, and ${DISK} are needed: make room there`
      : undefined,
  address,
  networks,
  ports: ({ role, facts: { ports, stage } }) => {
    const taken = stage === 'none' ? PORTS[role].filter((port) => ports.has(port)) : [];
    return taken.length > 0 ? `something listens on tcp ${taken.join(', ')}: stop it (ss -ltnp shows who)` : undefined;
  },
  names: ({ facts: { nameservers, resolved } }) => {
    if (nameservers.length === 0)
      return `it knows no nameserver: name one in ${resolved ? 'systemd-resolved (resolvectl status shows what it has)' : '/etc/resolv.conf'}`;
    const loop = nameservers.find((server) => server === '::1' || isLoopback(server));
    return loop
      ? `pods would be told to ask the nameserver ${loop}, which is themselves: name a real one in /etc/resolv.conf, or run systemd-resolved`
      : undefined;
  },
} as const satisfies Readonly<Record<string, Check>>;

function isLoopback(server: string): boolean {
  return /^\d+(\.\d+){3}$/.test(server) && contains(LOOPBACK, server);
}

function address({ address, facts: { addresses } }: Candidate, _: unknown, { nodes }: { readonly nodes: string }) {
  const listed = addresses.map((each) => `${each.address} on ${each.device}`).join(', ') || 'none';
  if (address !== undefined)
    return addresses.some((each) => each.address === address)
      ? undefined
      : `it does not have ${address} (it has ${listed}): correct hosts[].address`;
  if (soleAddress(addresses, nodes) !== undefined) return undefined;
  const inside = addresses.filter((each) => contains(nodes, each.address));
  return inside.length > 1
    ? `it has ${inside.length} addresses in ${nodes} (${inside.map((each) => each.address).join(', ')}): name one as hosts[].address`
    : `it has no address in the node network ${nodes} (it has ${listed}): correct network.nodes`;
}

function networks(
  { facts }: Candidate,
  _: unknown,
  { pods, services }: { readonly pods: string; readonly services: string },
) {
  // a member has routes of its own cluster's there
  if (facts.stage !== 'none') return undefined;
  for (const [words, range] of [
    ['pod network', pods],
    ['service network', services],
  ] as const) {
    const clash = facts.links.find(({ network }) => overlaps(network, range));
    if (clash)
      return `the ${words} ${range} overlaps ${clash.network}${clash.device ? ` on ${clash.device}` : ''}: choose another network.${words === 'pod network' ? 'pods' : 'services'}`;
  }
  return undefined;
}
