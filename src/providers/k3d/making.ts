import type { Cluster } from '../../config/schema.ts';
import type { RouterTarget } from '../../facts/router-target.ts';
import type { K3dPlace } from '../../k3d/place.ts';
import type { ClusterShape } from '../../k3d/shape.ts';
import type { KubeAccess } from '../../kube/access.ts';

/** What a cluster of k3d is made of. */
export interface K3dMaking {
  readonly cluster: Cluster;
  readonly place: K3dPlace;
  readonly kube: KubeAccess;
  readonly shape: ClusterShape;
  readonly agents: number;
  /** Of k3s. */
  readonly release: string;
  readonly routers: readonly RouterTarget[];
  /** Name of the node network's device. */
  readonly bridge: string;
  /** Phases that bring the engine. */
  readonly after: readonly string[];
}
