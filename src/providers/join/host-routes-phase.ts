import { type Phase, phaseFrom } from '../../core/plan.ts';
import { podRoutes } from '../../facts/cluster/pod-routes.ts';
import { hostRoutes, route } from '../../steps/host/routes.ts';
import { ranks } from '../ranks.ts';
import type { Joining } from './joining.ts';

/** Routes to the pods on the machine that nodes are behind; they follow the blocks, so they are asked for at every run. */
export function hostRoutesPhase(joining: Joining): readonly Phase[] {
  const { cluster, kube, gateway, nodes, after = [], withinGateway: within } = joining;
  if (!gateway) return [];
  return [
    phaseFrom(
      'Host routes',
      ranks.hostRoutes,
      [hostRoutes.kind],
      async (facts) => {
        const wanted = await facts.get(podRoutes(kube, nodes));
        const place = {
          host: gateway,
          cluster: cluster.metadata.name,
          range: cluster.spec.network.pods,
          ...(within ? { within } : {}),
        };
        return [
          hostRoutes(
            place,
            wanted.map(({ prefix, via }) => route(prefix, via)),
          ),
        ];
      },
      { needs: after },
    ),
  ];
}
