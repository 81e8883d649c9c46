import type { Reader } from '../../core/context.ts';
import { type Phase, phaseFrom } from '../../core/plan.ts';
import { type DockerEngine, dockerEngine } from '../../facts/host/docker-engine.ts';
import { uplinkAddress } from '../../facts/host/uplink-address.ts';
import { manifestFor } from '../../k3d/manifest.ts';
import { nodeKeys } from '../../k3d/names.ts';
import { k3dParts } from '../../k3d/parts.ts';
import { nthAddress } from '../../net/cidr.ts';
import { dockerNetwork } from '../../steps/docker/network.ts';
import { k3dCluster } from '../../steps/k3d/cluster.ts';
import { k3dConditions, k3dPreflight } from '../../steps/k3d/preflight.ts';
import { dockerTraits } from '../../versions/docker.ts';
import { obstacle } from '../../versions/rules.ts';
import { ranks } from '../ranks.ts';
import { atRest, clusterUp } from './gates.ts';
import type { K3dMaking } from './making.ts';

const preview = ({ place, shape, agents }: K3dMaking): readonly string[] => [
  `Docker network ${place.network} ${place.nodes}`,
  `k3d cluster ${place.cluster}: ${nodeKeys(shape.servers, agents).join(', ')} of ${shape.image}`,
  `Calico ${shape.calico?.version}, pods in ${shape.calico?.pods}`,
];

/** Whatever else the machine will turn out to need. */
const fetched = async (ctx: Reader, { place, shape }: K3dMaking): Promise<void> =>
  void (await manifestFor(ctx, place, shape));

/** P1 rows 5 to 7: Docker's network, the nodes, a kubeconfig, and Calico by way of k3s' folder of manifests. */
export function k3dPhase(making: K3dMaking): Phase {
  const { cluster, place, shape, agents, routers, bridge } = making;
  const { host, nodes, network } = place;
  const common = { host, cluster: place.cluster };
  const { version } = cluster.spec.calico;
  return phaseFrom(
    'Cluster',
    ranks.cluster,
    [k3dPreflight, dockerNetwork, k3dCluster].map(({ kind }) => kind),
    async (facts) => {
      const engine: DockerEngine = await facts.get(dockerEngine(host));
      const address = cluster.spec.network.gateway ?? (await facts.get(uplinkAddress(host, routers[0]?.address)));
      // its silence is the failure of the steps that ask it, and nobody's thing in the way
      const trouble = engine.silent ? undefined : (engine.trouble ?? obstacle({ docker: engine.version }));
      const kubernetes = obstacle({ kubernetes: making.release, cgroup: engine.cgroup });
      const conditions = {
        ...{ ...common, nodes, bridge, calico: version },
        ...(trouble === undefined ? {} : { engine: trouble }),
        ...(kubernetes === undefined ? {} : { kubernetes }),
      };
      const wanted = {
        driver: 'bridge',
        subnet: nodes,
        gateway: nthAddress(nodes, 1),
        bridge,
        unprotected: dockerTraits(engine.version).natUnprotected,
      };
      return [
        k3dPreflight(conditions, k3dConditions(conditions)),
        dockerNetwork(common, [[network, wanted]]),
        k3dCluster({ ...place, ...(address === undefined ? {} : { address }) }, k3dParts(shape, agents)),
      ];
    },
    {
      needs: making.after,
      preview: preview(making),
      fetch: (ctx) => fetched(ctx, making),
      until: [clusterUp(making)],
      atRest: [atRest(making)],
    },
  );
}
