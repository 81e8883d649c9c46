import { isOnNodeNetwork, peersOf } from '../../config/defaults.ts';
import type { Cluster, ClusterRouter } from '../../config/schema.ts';
import { CpaasError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts.ts';
import type { Gate } from '../../core/gate.ts';
import { type Phase, phaseFrom, unreachableStep } from '../../core/plan.ts';
import type { Step } from '../../core/step.ts';
import { vmNetwork } from '../../facts/host/vm-network.ts';
import type { RouterTarget } from '../../facts/router-target.ts';
import { type SessionWish, wantedBgp } from '../../routers/bigip/config/wanted.ts';
import { bigipBgp } from '../../steps/bigip/bgp.ts';
import { bigipConditions, bigipPreflight } from '../../steps/bigip/preflight.ts';
import { bigipRoute } from '../../steps/bigip/route.ts';
import { BGP, bigipRoutingProtocol } from '../../steps/bigip/routing-protocol.ts';
import { bigipSelfIp, TCP_BGP } from '../../steps/bigip/self-ip.ts';
import { ranks } from '../ranks.ts';
import type { Peering } from './joining.ts';

/** Hops from a unit to the nodes where one machine is between. */
const BEHIND_ONE_MACHINE = 2;

export const ROUTER_KINDS = [bigipPreflight, bigipRoutingProtocol, bigipSelfIp, bigipRoute, bigipBgp].map(
  ({ kind }) => kind,
);

/** The routers' side of BGP, all units at a time; `until` holds when the sessions are what they should be. */
export function routersPhase(peering: Peering, until: readonly Gate[]): Phase {
  const { cluster, routers, after = [] } = peering;
  return phaseFrom(
    'Routers',
    ranks.routers,
    ROUTER_KINDS,
    async (facts) => {
      const { neighbors, ipv6Neighbors } = peering;
      const inAs = (found: readonly { readonly address: string; readonly asNumber?: number }[]): Neighbors =>
        found.map(({ address, asNumber }) => ({ address, asNumber: asNumber ?? cluster.spec.bgp.asNumber }));
      const four = inAs(await facts.get(neighbors));
      const asksIpv6 = ipv6Neighbors && routers.some(({ ipv6Address }) => ipv6Address !== undefined);
      const six = asksIpv6 ? inAs(await facts.get(ipv6Neighbors)) : [];
      const units = routers.map((router) =>
        unitSteps(router, router.ipv6Address === undefined ? four : [...four, ...six], peering, facts),
      );
      return (await Promise.all(units)).flat();
    },
    { needs: after, by: 'host', preview: routers.map(({ name }) => name), until },
  );
}

type Neighbors = readonly { readonly address: string; readonly asNumber: number }[];

/** P1 rows 9 and 10, P2 row 7, on one unit. */
async function unitSteps(
  target: RouterTarget,
  nodes: Neighbors,
  peering: Peering,
  facts: Facts,
): Promise<readonly Step[]> {
  const { cluster, gateway, withinRouter, isBeside = (each) => isOnNodeNetwork(cluster, each) } = peering;
  const { host, routeDomain, address, asNumber } = target;
  const router = fileEntry(cluster, target);
  const { ipv6 } = router;
  const { selfIp, peerGroup, revertAfter, routerId, logNeighborChanges } = router.bigip;
  const { password } = router.session;
  let unit: string;
  try {
    unit = await facts.ctx.identity(host);
  } catch (error) {
    // a login that is refused is that unit's alone: the others' steps stand
    if (!(error instanceof CpaasError)) throw error;
    return [unreachableStep(host, 'BGP', error)];
  }
  const within = withinRouter?.(target);
  const place = { host, unit, cluster: cluster.metadata.name, routeDomain, ...(within ? { within } : {}) };
  const { routeDomain: _, ...onUnit } = place;
  const wish = wantedBgp({
    asNumber,
    clusterAs: cluster.spec.bgp.asNumber,
    peerGroup,
    gracefulRestartTime: cluster.spec.bgp.gracefulRestartTime,
    neighbors: [
      ...nodes,
      ...peersOf(cluster, router).map((peer) => ({
        address: peer.address,
        asNumber: peer.asNumber ?? cluster.spec.bgp.asNumber,
      })),
    ],
    ...multihopOf(router, isBeside(router)),
    ...(routerId === undefined ? {} : { routerId }),
    logNeighborChanges,
    sessions: sessionsOf(cluster, router),
  });
  return [
    bigipPreflight(
      { ...place, selfIp, alone: cluster.spec.routers.length === 1 },
      bigipConditions({ routeDomain }, [{ selfIp, address }, ...(ipv6 ? [ipv6] : [])]),
    ),
    bigipRoutingProtocol(place, [[BGP, true]]),
    ...[selfIp, ...(ipv6 ? [ipv6.selfIp] : [])].map((name) =>
      bigipSelfIp({ ...onUnit, selfIp: name }, [[TCP_BGP, true]]),
    ),
    ...(gateway ? [bigipRoute(place, [await toNodes(target, gateway, cluster, facts)])] : []),
    bigipBgp({ ...place, asNumber, revertAfter, ...(password ? { password } : {}) }, wish),
  ];
}

function multihopOf({ session }: ClusterRouter, isBeside: boolean): { readonly multihop?: number } {
  const { multihop = isBeside ? undefined : BEHIND_ONE_MACHINE } = session;
  return multihop === undefined ? {} : { multihop };
}

/** What the file says of a router's sessions, as its own end needs it. */
function sessionsOf({ metadata, spec }: Cluster, { bigip, session }: ClusterRouter): SessionWish {
  const { keepalive, hold, maximumPrefixes, accept, announce, password } = session;
  const { name: cluster } = metadata;
  return {
    ...(keepalive === undefined || hold === undefined ? {} : { timers: { keepalive, hold } }),
    ...(bigip.updateSource === undefined ? {} : { updateSource: bigip.updateSource }),
    password: password !== undefined,
    ...(maximumPrefixes === undefined ? {} : { maximumPrefix: maximumPrefixes }),
    ...(accept === 'pods' ? { admit: { cluster, ...podsOf(spec) } } : {}),
    ...(announce === 'nothing' ? { announceNothing: { cluster } } : {}),
  };
}

/** The pod networks, with those of IPv6 where there are any. */
function podsOf({ network, calico }: Cluster['spec']): Omit<NonNullable<SessionWish['admit']>, 'cluster'> {
  const { pods, ipv6 } = network;
  const four = { pods: [pods], blockSize: calico.blockSize };
  return ipv6 ? { ...four, six: { pods: [ipv6.pods], blockSize: ipv6.blockSize } } : four;
}

/** The static route by which a unit finds nodes that are behind one machine. */
async function toNodes(
  { address }: RouterTarget,
  gateway: string,
  { spec: { network } }: Cluster,
  facts: Facts,
): Promise<readonly [string, { readonly gw: string }]> {
  const { nodes } = network;
  const gw = network.gateway ?? (await facts.get(vmNetwork(gateway, { router: address, nodes }))).gateway;
  return [nodes, { gw }];
}

function fileEntry({ spec }: Cluster, { address }: RouterTarget): ClusterRouter {
  const found = spec.routers.find((router) => router.address === address);
  if (!found) throw new Error(`no router of the file has ${address}`);
  return found;
}
