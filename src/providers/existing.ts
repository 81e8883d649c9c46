import { kubeconfigPath } from '../config/kubeconfig.ts';
import { clusterIdentity } from '../facts/cluster/identity.ts';
import { lostNodes } from '../facts/cluster/nodes.ts';
import type { KubeAccess } from '../kube/access.ts';
import type { Provider } from './blueprint.ts';
import { toolsNeeded, toolsPhase } from './hosts/tools-phase.ts';
import { join } from './join/join.ts';
import { routerHosts, routerTargets } from './routers.ts';

const HERE = 'local';

/** A cluster that is there already, with Calico, whose nodes the routers reach directly. It is joined, not made. */
export const existing: Provider = {
  name: 'existing',
  blueprint(cluster, { env }) {
    const { context } = cluster.spec.provider.existing ?? {};
    const kube: KubeAccess = {
      host: HERE,
      kubeconfig: kubeconfigPath(cluster, env),
      ...(context === undefined ? {} : { context }),
    };
    const routers = routerTargets(cluster);
    return {
      provider: 'existing',
      plan: {
        name: cluster.metadata.name,
        phases: [...toolsPhase(cluster, HERE), ...join({ cluster, kube, routers, found: true, down: lostNodes(kube) })],
      },
      hosts: { [HERE]: { name: 'here', reach: { via: 'local' } }, ...routerHosts(cluster) },
      kube,
      nodes: undefined,
      routers,
      needs: toolsNeeded(cluster),
      gateway: undefined,
      identity: clusterIdentity(kube),
    };
  },
};
