import { isExternal } from '../config/defaults.ts';
import { type Phase, phaseFrom } from '../core/plan.ts';
import { clusterIdentity } from '../facts/cluster-identity.ts';
import { calicoApi } from '../kube/calico-api.ts';
import { bgpSettings, calicoBgpConfiguration } from '../steps/calico-bgp-configuration.ts';
import { calicoBgpFilters, ownBlocksOnly } from '../steps/calico-bgp-filters.ts';
import { calicoBgpPeers, globalPeer } from '../steps/calico-bgp-peers.ts';
import type { Joining } from './joining.ts';
import { ranks } from './ranks.ts';

/** What routers in another AS are told is filtered, or each node would pass on the others' blocks. */
const OWN_BLOCKS = 'cpaas-own-blocks';

export const CALICO_KINDS = [calicoBgpConfiguration, calicoBgpFilters, calicoBgpPeers].map(({ kind }) => kind);

/** The cluster's side of BGP. */
export function calicoPhase({ cluster, kube, identity, after = [], within }: Joining): Phase {
  const { bgp, routers } = cluster.spec;
  const settings = bgpSettings({
    asNumber: bgp.asNumber,
    nodeToNodeMeshEnabled: bgp.nodeToNodeMesh,
    logSeverityScreen: bgp.logSeverity,
  });
  const filters = routers.some((router) => isExternal(cluster, router)) ? [ownBlocksOnly(OWN_BLOCKS)] : [];
  const peers = routers.map((router) =>
    globalPeer(
      router.name,
      router.address,
      router.asNumber ?? bgp.asNumber,
      isExternal(cluster, router) ? [OWN_BLOCKS] : [],
    ),
  );
  return phaseFrom(
    'Calico',
    ranks.calico,
    CALICO_KINDS,
    async (facts) => {
      const api = await facts.get(calicoApi(kube));
      const itself = identity ?? (await facts.get(clusterIdentity(kube)));
      const place = { identity: itself, kube, cluster: cluster.metadata.name, api, ...(within ? { within } : {}) };
      return [calicoBgpConfiguration(place, settings), calicoBgpFilters(place, filters), calicoBgpPeers(place, peers)];
    },
    { needs: after, preview: peers.map(([address, { name }]) => `BGPPeer ${name}: ${address}`) },
  );
}
