import type { AdhocWish } from '../../config/adhoc.ts';
import { type Cluster, ClusterFile } from '../../config/schema.ts';
import { ADHOC } from '../../core/cluster-name.ts';
import { API_VERSION } from '../../core/documents.ts';
import type { CpaasError } from '../../core/errors.ts';
import type { Fact, Facts } from '../../core/facts.ts';
import { type Phase, phaseFrom, unreachableStep } from '../../core/plan.ts';
import { isBeside } from '../../facts/bigip/peering-self-ip.ts';
import { clusterBgp } from '../../facts/cluster/bgp.ts';
import { joinedNodes } from '../../facts/cluster/joined-nodes.ts';
import { lostNodes } from '../../facts/cluster/nodes.ts';
import type { RouterPlace, RouterTarget } from '../../facts/router-target.ts';
import type { KubeAccess } from '../../kube/access.ts';
import type { SelfIp } from '../../routers/bigip/unit/self-ips.ts';
import { calicoBgpConfiguration } from '../../steps/calico/bgp-configuration.ts';
import { CALICO_KINDS, calicoPhase } from '../join/calico-phase.ts';
import { whatIsLearned } from '../join/gates.ts';
import type { Peering } from '../join/joining.ts';
import { ROUTER_KINDS, routersPhase } from '../join/routers-phase.ts';
import { ranks } from '../ranks.ts';

/** A unit as it was found; one that cannot be looked at is known by the address that it is reached by. */
export interface AdhocUnit extends RouterPlace {
  readonly selfIp?: SelfIp;
  /** Why it cannot be looked at. */
  readonly failure?: CpaasError;
}

/** What a file would say, from flags and facts. */
interface Found {
  readonly cluster: Cluster;
  readonly routers: readonly RouterTarget[];
  readonly neighbors: readonly { readonly address: string; readonly asNumber: number }[];
  readonly isBeside: NonNullable<Peering['isBeside']>;
  /** Units that could not be looked at. */
  readonly failed: readonly { readonly host: string; readonly failure: CpaasError }[];
  /** Whether somebody has said already what the cluster speaks BGP with. */
  readonly configured: boolean;
}

/** The phases that join a cluster from a file, where flags stand in for it. */
export function adhocPhases(
  wish: AdhocWish,
  units: Fact<readonly AdhocUnit[]>,
  kube: KubeAccess | undefined,
  clusterSide: boolean,
): readonly Phase[] {
  const find = (facts: Facts): Promise<Found> => found(wish, units, kube, facts);
  const both = clusterSide ? kube : undefined;
  const routers = phaseFrom(
    'Routers',
    ranks.routers,
    ROUTER_KINDS,
    async (facts) => routersSteps(await find(facts), facts),
    {
      by: 'host',
      until: both
        ? [whatIsLearned(async (facts) => ({ ...(await find(facts)), kube: both, down: lostNodes(both) }))]
        : [],
    },
  );
  if (!both) return [routers];
  const calico = phaseFrom('Calico', ranks.calico, CALICO_KINDS, async (facts) => {
    const { cluster, routers: reached, configured } = await find(facts);
    if (reached.length === 0) return [];
    const steps = await calicoPhase({ cluster, kube: both, routers: reached, found: true }).steps(facts);
    // what somebody has said there is not only about us; another AS is, and refused
    return configured && wish.remoteAs === undefined
      ? steps.filter(({ kind }) => kind !== calicoBgpConfiguration.kind)
      : steps;
  });
  return [calico, routers];
}

async function routersSteps({ cluster, routers, neighbors, isBeside, failed }: Found, facts: Facts) {
  const steps = routers.map((router) => {
    const others = neighbors.filter(({ address }) => address !== router.address);
    const peering = {
      cluster,
      routers: [router],
      neighbors: { name: `neighbors of ${router.host}`, read: async () => others },
    };
    return routersPhase({ ...peering, isBeside }, []).steps(facts);
  });
  const unknown = failed.map(({ host, failure }) => unreachableStep(host, 'BGP', failure));
  return [...(await Promise.all(steps)).flat(), ...unknown];
}

async function found(
  wish: AdhocWish,
  units: Fact<readonly AdhocUnit[]>,
  kube: KubeAccess | undefined,
  facts: Facts,
): Promise<Found> {
  const [all, said] = await Promise.all([facts.get(units), kube ? facts.get(clusterBgp(kube)) : undefined]);
  const clusterAs = wish.remoteAs ?? said?.asNumber ?? wish.asNumber;
  const asNumber = wish.asNumber ?? clusterAs;
  if (clusterAs === undefined || asNumber === undefined) throw new Error('no AS number was asked for');
  const routers = all.flatMap(({ failure, ...unit }) => (failure ? [] : [{ ...unit, asNumber }]));
  const own = new Set(routers.map(({ address }) => address));
  const nodes = wish.neighbors?.map((address) => ({ address })) ?? (kube ? await facts.get(joinedNodes(kube)) : []);
  return {
    cluster: clusterFrom(wish, routers, { asNumber: clusterAs, nodeToNodeMesh: said?.nodeToNodeMesh ?? true }),
    routers,
    neighbors: nodes.map((node) => ({
      address: node.address,
      // units of one call may peer with each other: they are in an AS of their own
      asNumber: own.has(node.address) ? asNumber : 'asNumber' in node ? (node.asNumber ?? clusterAs) : clusterAs,
    })),
    isBeside: ({ address }) => {
      const selfIp = all.find((unit) => unit.address === address)?.selfIp;
      return (
        selfIp !== undefined &&
        isBeside(
          selfIp,
          nodes.map((node) => node.address),
        )
      );
    },
    failed: all.flatMap(({ host, failure }) => (failure ? [{ host, failure }] : [])),
    configured: said?.configured ?? false,
  };
}

function clusterFrom(
  { peerGroup, routeDomain }: AdhocWish,
  routers: readonly (RouterTarget & Pick<AdhocUnit, 'selfIp'>)[],
  bgp: { readonly asNumber: number; readonly nodeToNodeMesh: boolean },
): Cluster {
  const file = ClusterFile.parse({
    apiVersion: API_VERSION,
    kind: 'Cluster',
    metadata: { name: ADHOC },
    spec: {
      provider: { existing: {} },
      bgp,
      routers: routers.map(({ address, asNumber, selfIp }) => ({
        name: `bigip-${address.replaceAll('.', '-')}`,
        address,
        asNumber,
        bigip: { peerGroup, routeDomain, selfIp: selfIp?.name },
      })),
    },
  });
  // Its networks no flag tells, and nothing here asks for them.
  return file as Cluster;
}
