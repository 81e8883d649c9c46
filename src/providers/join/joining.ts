import type { Cluster, ClusterRouter } from '../../config/schema.ts';
import type { Fact } from '../../core/facts.ts';
import type { Container } from '../../core/step.ts';
import type { RouterTarget } from '../../facts/router-target.ts';
import type { KubeAccess } from '../../kube/access.ts';

/** What the routers' end of the sessions needs to know. */
export interface Peering {
  readonly cluster: Cluster;
  readonly routers: readonly RouterTarget[];
  /** Whom they peer with; in the cluster's AS where it does not say otherwise. */
  readonly neighbors: Fact<readonly { readonly address: string; readonly asNumber?: number }[]>;
  /** Those that routers with IPv6 sessions have besides, by their addresses there. */
  readonly ipv6Neighbors?: Peering['neighbors'];
  /** Whether a router has a link in common with them; where the cluster's node network does not say it. */
  readonly isBeside?: (router: ClusterRouter) => boolean;
  /** Phases that make the cluster: nothing can be asked of it before. */
  readonly after?: readonly string[];
  /** Key of the machine that nodes are behind. */
  readonly gateway?: string;
  /** What a unit stands in, where it goes with something. */
  readonly withinRouter?: (router: RouterTarget) => Container;
}

/** What joining a cluster with its routers needs to know, whoever has made the cluster. */
export interface Joining extends Omit<Peering, 'neighbors'> {
  readonly kube: KubeAccess;
  /** What makes the cluster itself where its provider knows; what the cluster says of itself when left out. */
  readonly identity?: string;
  /** Somebody else made it, and Calico in it: whether that speaks BGP at all is looked at. */
  readonly found?: boolean;
  /** Names of the nodes that the file speaks of: others are not joined. All of the cluster's when left out. */
  readonly nodes?: readonly string[];
  /** Names of those of them that are down, of whom nothing is waited for; none when left out. */
  readonly down?: Fact<readonly string[]>;
  /** What the cluster's objects, and what the machine's routes and rules stand in, where they go with something. */
  readonly within?: Container;
  readonly withinGateway?: Container;
}
