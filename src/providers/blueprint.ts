import type { Env } from '../config/kubeconfig.ts';
import type { Cluster } from '../config/schema.ts';
import type { ArtifactNeed } from '../core/artifacts.ts';
import type { Fact } from '../core/facts.ts';
import type { HostTable } from '../core/host-spec.ts';
import type { Plan } from '../core/plan.ts';
import type { RouterTarget } from '../facts/router-target.ts';
import type { BootCall } from '../host/boot-units.ts';
import type { KubeAccess } from '../kube/access.ts';

/** Everything that follows from a cluster file. Pure: no provider looks at the world to make one. */
export interface Blueprint {
  /** `lab (vm)`, `existing`. */
  readonly provider: string;
  readonly plan: Plan;
  readonly hosts: HostTable;
  readonly kube: KubeAccess;
  /** Names of the nodes that the file speaks of; nothing when the cluster alone knows. */
  readonly nodes: readonly string[] | undefined;
  /** How many nodes there will be, where they have more names than one each. */
  readonly size?: number;
  readonly routers: readonly RouterTarget[];
  /** What may be fetched for it, for `cpaas bundle create`. */
  readonly needs?: readonly ArtifactNeed[];
  /** What tells this cluster from another of the same name, where a name does not do. */
  readonly identity?: Fact<string>;
  /** The machine that nodes are behind: it forwards, and has the host routes. */
  readonly gateway: string | undefined;
}

/** Where a cluster file is read. */
export interface Surroundings {
  readonly env: Env;
  /** The cluster's own folder in the state: what a provider keeps there is the user's alone. */
  readonly folder: string;
  /** Whether root runs cpaas, who needs no sudo here. */
  readonly asRoot?: boolean;
  /** How this cpaas is called by a machine that starts; where nobody says, nothing is left there that would. */
  readonly boot?: BootCall;
}

/** An axis of extension: a folder's file, this interface, a line in `index.ts`. */
export interface Provider {
  readonly name: 'k3d' | 'kubeadm' | 'existing' | 'lab';
  blueprint(cluster: Cluster, surroundings: Surroundings): Blueprint;
}
