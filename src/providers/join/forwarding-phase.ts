import { type Phase, phaseFrom } from '../../core/plan.ts';
import { vmNetwork } from '../../facts/host/vm-network.ts';
import { dockerForwarding, forwardRouter, forwardSource } from '../../steps/docker/forwarding.ts';
import { hostSysctl } from '../../steps/host/sysctl.ts';
import { ranks } from '../ranks.ts';
import type { Joining } from './joining.ts';

/** What the machine between routers and nodes must let through. */
export function forwardingPhase({
  cluster,
  routers,
  gateway,
  after = [],
  withinGateway: within,
}: Joining): readonly Phase[] {
  const [first] = routers;
  if (!gateway || !first) return [];
  const common = { host: gateway, cluster: cluster.metadata.name, ...(within ? { within } : {}) };
  const sysctl = hostSysctl(common, [['net.ipv4.ip_forward', '1']]);
  const { nodes } = cluster.spec.network;
  const sources = [...new Set(cluster.spec.routers.flatMap((router) => router.sources))];
  return [
    phaseFrom(
      'Forwarding',
      ranks.forwarding,
      [hostSysctl.kind, dockerForwarding.kind],
      async (facts) => {
        const network = await facts.get(vmNetwork(gateway, { router: first.address, nodes }));
        if (!network.docker) return [sysctl];
        const { uplink, bridge, flavour } = network;
        const place = { ...common, uplink, bridge, nodes, ...(flavour ? { flavour } : {}) };
        const wanted = [
          ...routers.flatMap(({ address }) => forwardRouter(place, address)),
          ...sources.flatMap((source) => forwardSource(place, source)),
        ];
        return [sysctl, dockerForwarding(place, wanted)];
      },
      { needs: after, by: 'host' },
    ),
  ];
}
