import type { Cluster } from '../config/schema.ts';
import type { Container } from '../core/step.ts';
import type { RouterTarget } from '../facts/router-target.ts';
import type { KubeAccess } from '../kube/access.ts';

/** What joining a cluster with its routers needs to know, whoever has made the cluster. */
export interface Joining {
  readonly cluster: Cluster;
  readonly kube: KubeAccess;
  /** What makes the cluster itself where its provider knows; what the cluster says of itself when left out. */
  readonly identity?: string;
  readonly routers: readonly RouterTarget[];
  /** Names of the nodes that the file speaks of: others are not joined. All of the cluster's when left out. */
  readonly nodes?: readonly string[];
  /** Phases that make the cluster: nothing can be asked of it before. */
  readonly after?: readonly string[];
  /** Key of the machine that nodes are behind. */
  readonly gateway?: string;
  /** What everything stands in, and what a unit stands in, where they go with something. */
  readonly within?: Container;
  readonly withinRouter?: (router: RouterTarget) => Container;
}
