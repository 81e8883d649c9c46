import { createHash } from 'node:crypto';

/** Container label that says whose a cluster is; its value is the cluster's name. */
export const OWNER = 'cpaas.dev/cluster';
/** Container label of servers: what Calico was installed with, as JSON. */
export const CALICO = 'cpaas.dev/calico';

export const networkName = (cluster: string): string => `k3d-${cluster}`;

/** Longest name of a device, in bytes (linux/if.h). */
const DEVICE = 15;

/** Name of the bridge: Docker's own would be another one whenever the network is made again. */
export function bridgeName(cluster: string): string {
  const name = `br-${cluster}`;
  return name.length <= DEVICE ? name : `br-${createHash('sha256').update(cluster).digest('hex').slice(0, 12)}`;
}

/** Key of a node, by role and number. */
export type NodeKey = `${'server' | 'agent'}-${number}`;

/** The nodes of a cluster by number, servers first. */
export const nodeKeys = (servers: number, agents: number): readonly NodeKey[] => [
  ...Array.from({ length: servers }, (_, n) => `server-${n}` as const),
  ...Array.from({ length: agents }, (_, n) => `agent-${n}` as const),
];

/**
 * What a node may be called: as `k3d cluster create` calls it, and as `k3d node create`, which adds a number of its own. The name is
 * the container's, the host's and the Kubernetes node's.
 */
export const nodeNames = (cluster: string, key: NodeKey): readonly [string, string] => [
  `k3d-${cluster}-${key}`,
  `k3d-${cluster}-${key}-0`,
];

/** Which node of a cluster a container is; nothing for those that only help, and for nodes that somebody added by another name. */
export function nodeKey(cluster: string, container: string): NodeKey | undefined {
  const prefix = `k3d-${cluster}-`;
  const [, key] = container.startsWith(prefix)
    ? (/^((?:server|agent)-\d+)(?:-0)?$/.exec(container.slice(prefix.length)) ?? [])
    : [];
  return key as NodeKey | undefined;
}

/** The image of a release of k3s: tags have no plus sign. */
export const k3sImage = (version: string): string => `docker.io/rancher/k3s:${version.replace('+', '-')}`;
