import { unsupported } from '../../host/os-release.ts';
import { obstacle } from '../../versions/rules.ts';
import { equipmentOf, PROGRAMS } from '../equipment.ts';
import { CONTAINERD_PATH } from '../paths.ts';
import { nodeByHand } from '../upgrade.ts';
import type { Candidate, Check, Expectations } from './check.ts';

const CRI_NAMES = {
  [CONTAINERD_PATH]: 'containerd',
  '/run/cri-dockerd.sock': 'cri-dockerd',
  '/run/crio/crio.sock': 'cri-o',
} as const;

/** What is installed and set: what preparation brings is nobody's fault, what it cannot mend is. */
export const softwareChecks = {
  swap: ({ facts: { swap } }, _, { supply }) => {
    const compressed = swap.filter((device) => device.startsWith('/dev/zram'));
    if (compressed.length > 0)
      return `it swaps to compressed memory (${compressed.join(', ')}), which comes back by itself: uninstall zram-tools or systemd-zram-generator`;
    return supply === undefined && swap.length > 0
      ? `it swaps (${swap.join(', ')}): swapoff -a, and take it out of /etc/fstab`
      : undefined;
  },
  runtimes: ({ facts: { sockets, runtimes } }, _, { version }) => {
    const names = sockets.map((path) => CRI_NAMES[path as keyof typeof CRI_NAMES] ?? path);
    if (names.length > 1)
      return `several container runtimes answer there (${names.join(', ')}): stop and disable all but one`;
    const [other] = names.filter((name) => name !== 'containerd');
    if (other) return `${other} is its container runtime, and cpaas uses containerd: stop and disable it`;
    return obstacle({ kubernetes: version, containerd: runtimes['containerd'] });
  },
  programs: (candidate, all, wanted) =>
    wanted.supply === undefined ? absent(candidate, wanted) : unmendable(candidate, all, wanted),
  firewall: ({ facts: { firewalls } }) =>
    firewalls.includes('firewalld')
      ? 'firewalld filters there, and would keep nodes and routers apart: systemctl disable --now firewalld, or use ufw'
      : undefined,
} as const satisfies Readonly<Record<string, Check>>;

/** What is missing where nothing is prepared. */
function absent({ facts: { kubeadm, kubelet, sockets } }: Candidate, { version }: Expectations): string | undefined {
  if (kubeadm !== version || !kubelet.installed)
    return `kubelet, kubeadm and kubectl ${version} have to be installed there (kubeadm is ${kubeadm ?? 'not there'}, the unit kubelet is ${kubelet.installed ? 'there' : 'not'}): docs/kubeadm.md`;
  return sockets.includes(CONTAINERD_PATH) ? undefined : 'containerd does not answer there: install and start it';
}

/** What is in the way of what is missing. Packages in another version are told by the step that has them. */
const unmendable: Check = ({ facts }, _, { version, supply = 'packages' }) => {
  const { software, kubeadm, sockets } = facts;
  const other = facts.stage === 'none' ? undefined : otherRelease(facts, version);
  if (other) return `it is a node already with ${other}, and ${version} is wanted: ${nodeByHand(version)}`;
  const { programs, runtime } = equipmentOf(facts, version, supply);
  if (programs === 'theirs' && kubeadm !== version)
    return `kubeadm ${kubeadm} is there, from no package, and ${version} is wanted: remove it with its kubelet, or correct version`;
  if (runtime === 'theirs' && !sockets.includes(CONTAINERD_PATH))
    return 'a containerd that came from no package does not answer there: start it, or remove it';
  const comes =
    (programs === 'packages' && PROGRAMS.some((name) => !software.packages.has(name))) ||
    ((runtime === 'containerd' || runtime === 'containerd.io') && !software.packages.has(runtime));
  const why = comes ? unsupported(software.os) : undefined;
  return why ? `packages cannot be installed there: ${why}; use prepare: files, or install them yourself` : undefined;
};

/** What a machine has of Kubernetes that is not of the release. */
function otherRelease({ kubeadm, software: { packages } }: Candidate['facts'], release: string): string | undefined {
  if (kubeadm !== undefined && kubeadm !== release) return `kubeadm ${kubeadm}`;
  const name = PROGRAMS.find((program) => packages.get(program)?.startsWith(`${release.slice(1)}-`) === false);
  return name && `${name} ${packages.get(name)}`;
}
