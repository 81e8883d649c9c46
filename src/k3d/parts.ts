import { z } from 'zod';
import { isOurs, type NodeContainer, shapeOf } from './containers.ts';
import { type NodeKey, nodeKeys } from './names.ts';
import { ClusterShape } from './shape.ts';

/** Key of what all nodes have in common. */
export const CLUSTER = 'cluster';
/** Key of the files that k3d is given. */
export const CONFIGURATION = 'configuration';
/** Key of the kubeconfig that leads to the cluster. */
export const KUBECONFIG = 'kubeconfig';

/** A cluster as a set: what k3d is given, what cannot change in it, its nodes by role and number, and the way in. */
export const K3dPart = z.union([
  z.strictObject({ shape: ClusterShape }),
  z.strictObject({ role: z.enum(['server', 'agent']), running: z.boolean() }),
  z.strictObject({ whole: z.boolean() }),
  /** Whether the file says what k3d does; its credentials stay where they are. */
  z.strictObject({ current: z.boolean() }),
]);
export type K3dPart = z.infer<typeof K3dPart>;

/** The wish for a whole cluster. */
export function k3dParts(shape: ClusterShape, agents: number): readonly (readonly [string, K3dPart])[] {
  const nodes = nodeKeys(shape.servers, agents).map((key) => [key, { role: roleOf(key), running: true }] as const);
  return [[CONFIGURATION, { whole: true }], [CLUSTER, { shape }], ...nodes, [KUBECONFIG, { current: true }]];
}

/** The parts that Docker shows, ours or not. */
export function partsOf(containers: readonly NodeContainer[], cluster: string) {
  const mark = isOurs(containers, cluster) ? ('ours' as const) : ('other' as const);
  const shape = shapeOf(containers);
  const nodes = containers.flatMap(({ key, role, running }) =>
    key ? [[key, { value: { role, running }, mark }] as const] : [],
  );
  return new Map<string, { readonly value: K3dPart; readonly mark: 'ours' | 'other' }>([
    ...(shape ? [[CLUSTER, { value: { shape }, mark }] as const] : []),
    ...nodes,
  ]);
}

const roleOf = (key: NodeKey): 'server' | 'agent' => (key.startsWith('server') ? 'server' : 'agent');
export const isNodeKey = (key: string): key is NodeKey => /^(server|agent)-\d+$/.test(key);
