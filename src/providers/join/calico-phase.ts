import { isExternal } from '../../config/defaults.ts';
import type { Facts } from '../../core/facts.ts';
import { type Phase, phaseFrom } from '../../core/plan.ts';
import type { Step } from '../../core/step.ts';
import { calicoAgent } from '../../facts/cluster/calico-agent.ts';
import { calicoBackend } from '../../facts/cluster/calico-backend.ts';
import { clusterIdentity } from '../../facts/cluster/identity.ts';
import { calicoApi } from '../../kube/calico-api.ts';
import { bgpSettings, calicoBgpConfiguration } from '../../steps/calico/bgp-configuration.ts';
import { calicoBgpFilters, ownBlocksOnly } from '../../steps/calico/bgp-filters.ts';
import { bgpPasswords, calicoBgpPasswords, passwordOf, passwordSecret } from '../../steps/calico/bgp-passwords.ts';
import { calicoBgpPeers, globalPeer } from '../../steps/calico/bgp-peers.ts';
import { type CalicoPreflightPlace, calicoConditions, calicoPreflight } from '../../steps/calico/preflight.ts';
import { ranks } from '../ranks.ts';
import type { Joining } from './joining.ts';

/** What routers in another AS are told is filtered, or each node would pass on the others' blocks. */
const OWN_BLOCKS = 'cpaas-own-blocks';

export const CALICO_KINDS = [
  ...[calicoPreflight, calicoBgpConfiguration],
  ...[calicoBgpFilters, calicoBgpPasswords, calicoBgpPeers],
].map(({ kind }) => kind);

/** The cluster's side of BGP. */
export function calicoPhase({ cluster, kube, identity, found = false, after = [], within }: Joining): Phase {
  const { bgp, routers } = cluster.spec;
  const settings = bgpSettings({
    asNumber: bgp.asNumber,
    nodeToNodeMeshEnabled: bgp.nodeToNodeMesh,
    logSeverityScreen: bgp.logSeverity,
  });
  const six = routers.some(({ ipv6 }) => ipv6 !== undefined);
  const filters = routers.some((router) => isExternal(cluster, router)) ? [ownBlocksOnly(OWN_BLOCKS, six)] : [];
  const signed = routers.flatMap(({ name, session: { password } }) => (password ? [{ name, password }] : []));
  const peers = routers.flatMap((router) => {
    const extras = {
      ...(isExternal(cluster, router) ? { filters: [OWN_BLOCKS] } : {}),
      ...(router.session.password ? { password: passwordOf(router.name) } : {}),
      restartTime: bgp.gracefulRestartTime,
    };
    const { name, address, ipv6, asNumber = bgp.asNumber } = router;
    return [
      globalPeer(name, address, asNumber, extras),
      ...(ipv6 ? [globalPeer(`${name}-ipv6`, ipv6.address, asNumber, extras)] : []),
    ];
  });
  return phaseFrom(
    'Calico',
    ranks.calico,
    CALICO_KINDS,
    async (facts) => {
      const api = await facts.get(calicoApi(kube));
      const itself = identity ?? (await facts.get(clusterIdentity(kube)));
      const inside = within ? { within } : {};
      const place = { identity: itself, kube, cluster: cluster.metadata.name, api, ...inside };
      const passwords = Object.fromEntries(signed.map(({ name, password }) => [passwordSecret(name), password]));
      const wanted = bgpPasswords(signed.map(({ name }) => name));
      return [
        ...(found ? [await conditionsOn({ identity: itself, kube, ...inside }, facts)] : []),
        calicoBgpConfiguration(place, settings),
        calicoBgpFilters(place, filters),
        ...(wanted.length > 0
          ? [calicoBgpPasswords({ ...place, ...(await facts.get(calicoAgent(kube))), passwords }, wanted)]
          : []),
        calicoBgpPeers(place, peers),
      ];
    },
    { needs: after, preview: peers.map(([address, { name }]) => `BGPPeer ${name}: ${address}`) },
  );
}

async function conditionsOn(place: CalicoPreflightPlace, facts: Facts): Promise<Step> {
  const backend = await facts.get(calicoBackend(place.kube));
  return calicoPreflight({ ...place, ...(backend === undefined ? {} : { backend }) }, calicoConditions);
}
