import { ETCD_DATA } from '../paths.ts';
import type { Candidate, Check } from './check.ts';

const RESET = 'kubeadm reset there if nobody needs it';
/** What Calico writes; the runtime takes the first in the order of names. */
const CALICO_CNI = '10-calico.conflist';

/** Whose a machine is already. */
export const clusterChecks = {
  membership: (candidate, all, { cluster }) => {
    const { role, facts } = candidate;
    const { owner, stage, pin } = facts;
    if (owner === cluster) return undefined;
    if (owner !== undefined)
      return `it belongs to the cluster ${owner} of cpaas: cpaas down --cluster ${owner}, or leave it out of this file`;
    if (stage === 'none') return undefined;
    if (stage === 'half-joined' || stage === 'half-initialised')
      return `kubeadm has begun ${stage === 'half-joined' ? 'a join' : 'a control plane'} there and not ended it, and not for cpaas: ${RESET}`;
    const first = firstOf(all);
    if (first === candidate)
      return stage === 'joined'
        ? `it is a worker of a cluster (${pin ?? 'whose certificate cannot be read'}), and the file makes one there: ${RESET}`
        : undefined;
    if (first?.facts.pin === undefined || pin !== first.facts.pin)
      return `it is a node of somebody else's cluster (${pin ?? 'whose certificate cannot be read'}): ${RESET}`;
    const is = stage === 'joined' ? 'worker' : 'control-plane';
    return is === role ? undefined : `it is a ${is} of this cluster, and the file says ${role}: correct hosts[].role`;
  },
  etcd: ({ role, facts: { strangeEtcd } }) =>
    role === 'control-plane' && strangeEtcd
      ? `data of an etcd are there that no control plane has made (${ETCD_DATA}): move them away, or delete them if nobody needs them`
      : undefined,
  cni: ({ facts: { cni, stage } }) => {
    const earlier = cni.filter((name) => /\.(conf|conflist|json)$/.test(name) && name < CALICO_CNI);
    return stage === 'none' && earlier.length > 0
      ? `another network plugin is configured and would go first (/etc/cni/net.d/${earlier.join(', ')}): move it away`
      : undefined;
  },
} as const satisfies Readonly<Record<string, Check>>;

/** The machine that the cluster is made on. */
const firstOf = (all: readonly Candidate[]): Candidate | undefined => all.find(({ role }) => role === 'control-plane');
