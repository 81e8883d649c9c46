import type { Phase } from '../../core/plan.ts';
import { joinedNodes } from '../../facts/cluster/joined-nodes.ts';
import { calicoPhase } from './calico-phase.ts';
import { forwardingPhase } from './forwarding-phase.ts';
import { routesLearned } from './gates.ts';
import { hostRoutesPhase } from './host-routes-phase.ts';
import type { Joining } from './joining.ts';
import { routersPhase } from './routers-phase.ts';

/** The order of the work that every provider shares: P1 rows 8 to 12, P2 rows 7 to 10. */
export const join = (joining: Joining): readonly Phase[] => [
  calicoPhase(joining),
  ...forwardingPhase(joining),
  routersPhase(
    {
      ...joining,
      neighbors: joinedNodes(joining.kube, joining.nodes),
      ipv6Neighbors: joinedNodes(joining.kube, joining.nodes, 6),
    },
    [routesLearned(joining)],
  ),
  ...hostRoutesPhase(joining),
];
