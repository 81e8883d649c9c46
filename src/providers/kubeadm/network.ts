import type { Reader } from '../../core/context.ts';
import { type Phase, phaseFrom } from '../../core/plan.ts';
import { clusterIdentity } from '../../facts/cluster/identity.ts';
import type { KubeAccess } from '../../kube/access.ts';
import type { CalicoSettings } from '../../kube/calico-manifest.ts';
import { ADMIN_CONF } from '../../kubeadm/paths.ts';
import {
  calicoManifestObjects,
  manifestObjects,
  publishedObjects,
  wantedObjects,
} from '../../steps/calico/manifest.ts';
import { CLUSTER, kubeadmControlPlane } from '../../steps/kubeadm/control-plane.ts';
import { ranks } from '../ranks.ts';
import { answersOf, askedHost, type Making } from './machines.ts';

/** What stands in the cluster goes with it. */
export const withinCluster = ({ first }: Making) => ({
  step: `${kubeadmControlPlane.kind}:${first.host}`,
  key: CLUSTER,
});

/** kubectl, where the cluster was made or on another control plane. */
export const accessOf = (making: Making): KubeAccess => ({ host: askedHost(making), kubeconfig: ADMIN_CONF });

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
      // to read the manifest takes as long as the machines take to answer
      const [answers, identity] = await Promise.all([
        answersOf(making, facts),
        facts.get(clusterIdentity(kube)),
        publishedObjects(facts.ctx, { version }),
      ]);
      const settings = settingsOf(
        making,
        answers.every((answer) => 'error' in answer || answer.facts.securityfs),
      );
      const place = {
        identity,
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
