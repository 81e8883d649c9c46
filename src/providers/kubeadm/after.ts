import { CpaasError, isUnreachable } from '../../core/errors.ts';
import { type Phase, phaseFrom, unreachableStep } from '../../core/plan.ts';
import { adminLogin } from '../../facts/host/admin-login.ts';
import { ADMIN_CONF } from '../../kubeadm/paths.ts';
import { hostKubeconfig, kubeconfigCopy } from '../../steps/host/kubeconfig.ts';
import { kubeNodeMarks, nodeMarks } from '../../steps/kube/node-marks.ts';
import { kubeadmNode, NODE } from '../../steps/kubeadm/node.ts';
import { ranks } from '../ranks.ts';
import type { Making } from './machines.ts';
import { accessOf, withinCluster } from './network.ts';

/** kubectl for whoever logs in where the cluster was made, P2 row 4. */
export const kubeconfigPhase = ({ first }: Making): Phase =>
  phaseFrom(
    'Kubeconfig',
    ranks.kubeconfig,
    [hostKubeconfig.kind],
    async (facts) => {
      const login = await facts.get(adminLogin(first.host)).catch((error: unknown) => {
        if (!isUnreachable(error)) throw error;
        return error;
      });
      if (login instanceof CpaasError) return [unreachableStep(first.host, 'kubeconfig', login)];
      const { user, home, sha256 } = login;
      const place = { host: first.host, path: `${home}/.kube/config`, source: ADMIN_CONF, user };
      return [hostKubeconfig(place, kubeconfigCopy(sha256))];
    },
    { needs: ['Control plane'] },
  );

/** What the file says of single nodes; no phase where it says nothing. */
export function nodeMarksPhase(making: Making): readonly Phase[] {
  const { cluster, first } = making;
  const marked = (cluster.spec.provider.kubeadm?.hosts ?? []).filter(
    ({ labels, taints }) => Object.keys(labels).length + taints.length > 0,
  );
  if (marked.length === 0) return [];
  const steps = marked.map(({ name, labels, taints }) => {
    const machine = making.machines.find((each) => each.name === name);
    const within =
      machine === undefined || machine === first
        ? withinCluster(making)
        : { step: `${kubeadmNode.kind}:${machine.host}`, key: NODE };
    return kubeNodeMarks({ kube: accessOf(making), node: name, within, at: first.host }, nodeMarks(labels, taints));
  });
  return [
    phaseFrom('Node labels', ranks.labels, [kubeNodeMarks.kind], async () => steps, {
      needs: ['Control plane', 'Nodes'],
      preview: marked.map(({ name }) => `labels and taints of ${name}`),
    }),
  ];
}
