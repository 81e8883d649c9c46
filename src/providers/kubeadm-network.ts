import type { Reader } from '../core/context.ts';
import { CpaasError } from '../core/errors.ts';
import type { Facts } from '../core/facts.ts';
import type { Gate } from '../core/gate.ts';
import { type Phase, phaseFrom } from '../core/plan.ts';
import { calicoNodePods } from '../facts/calico-node-pods.ts';
import { clusterIdentity } from '../facts/cluster-identity.ts';
import { kubeadmHosts, outOfReach } from '../facts/kubeadm-hosts.ts';
import { nodes } from '../facts/nodes.ts';
import type { KubeAccess } from '../kube/access.ts';
import type { CalicoSettings } from '../kube/calico-manifest.ts';
import { ADMIN_CONF } from '../kubeadm/paths.ts';
import { calicoManifestObjects, manifestObjects, wantedObjects } from '../steps/calico-manifest.ts';
import { CLUSTER, kubeadmControlPlane } from '../steps/kubeadm-control-plane.ts';
import { answersOf, type KubeadmMachine, type Making } from './kubeadm-machines.ts';
import { ranks } from './ranks.ts';
import { SHOWING_NODES } from './showing-nodes.ts';
import { someNames } from './some-names.ts';

/** Milliseconds: images of the network plugin have to come, and each node has to register. */
const DEADLINE = 300_000;

/** What stands in the cluster goes with it. */
export const withinCluster = ({ first }: Making) => ({
  step: `${kubeadmControlPlane.kind}:${first.host}`,
  key: CLUSTER,
});

export const accessOf = ({ first }: Making): KubeAccess => ({ host: first.host, kubeconfig: ADMIN_CONF });

/** The network plugin, P2 row 5. */
export function networkPhase(making: Making): Phase {
  const { spec, metadata } = making.cluster;
  const { version } = spec.calico;
  const fetch = async (ctx: Reader): Promise<void> =>
    void (await manifestObjects(ctx, { version, settings: settingsOf(making, true) }));
  return phaseFrom(
    'Pod network',
    ranks.network,
    [calicoManifestObjects.kind],
    async (facts) => {
      const kube = accessOf(making);
      const answers = await answersOf(making, facts);
      const settings = settingsOf(
        making,
        answers.every((answer) => 'error' in answer || answer.facts.securityfs),
      );
      const place = {
        identity: await facts.get(clusterIdentity(kube)),
        cluster: metadata.name,
        within: withinCluster(making),
        kube,
        version,
        settings,
      };
      return [calicoManifestObjects(place, wantedObjects(await manifestObjects(facts.ctx, place)))];
    },
    { needs: ['Control plane'], fetch, preview: [`Calico ${version}`] },
  );
}

function settingsOf({ cluster: { spec } }: Making, securityfs: boolean): CalicoSettings {
  const { encapsulation, natOutgoing, blockSize } = spec.calico;
  const { pods, nodes } = spec.network;
  return { pods, nodes, blockSize, encapsulation, natOutgoing, ...(securityfs ? {} : { securityfs }) };
}

/** Every node of the file is Ready, and Calico runs on it. Machines that do not answer are not waited for. */
export const nodesReady = (making: Making): Gate => ({
  title: 'nodes',
  deadline: DEADLINE,
  next: SHOWING_NODES,
  async missing(facts) {
    try {
      const late = await machinesNotReady(making, facts);
      const answers = await facts.get(kubeadmHosts(late.map(({ host }) => host)));
      const waited = late.filter((_, at) => !answers[at] || !outOfReach(answers[at]));
      if (waited.length > 0) return `not Ready yet: ${someNames(waited.map(({ name }) => name))}`;
      const pods = (await facts.get(calicoNodePods(accessOf(making)))).filter(({ ready }) => ready);
      const wanted = making.machines.filter((machine) => !late.includes(machine));
      const without = wanted.filter(({ name }) => !pods.some(({ node }) => node === name));
      if (without.length === 0) return undefined;
      return `calico-node is Ready on ${wanted.length - without.length} of ${wanted.length} nodes, not on ${someNames(without.map(({ name }) => name))}`;
    } catch (error) {
      // an API server that starts again is one more thing to wait for
      if (error instanceof CpaasError && error.code === 'KUBE.UNREACHABLE') return error.message;
      throw error;
    }
  },
});

async function machinesNotReady({ machines, ...making }: Making, facts: Facts): Promise<readonly KubeadmMachine[]> {
  const known = await facts.get(nodes(accessOf({ machines, ...making })));
  return machines.filter((machine) => !known.some(({ name, ready }) => name === machine.name && ready));
}
