import { kubectl } from '../kube/kubectl.ts';
import { FILES } from './config.ts';
import { type NodeKey, OWNER } from './names.ts';
import type { K3dPlace } from './place.ts';

export type Argv = readonly string[];

export const createCluster = ({ folder }: K3dPlace): Argv => [
  'k3d',
  'cluster',
  'create',
  '--config',
  `${folder}/${FILES.config}`,
];
export const deleteCluster = ({ cluster }: K3dPlace): Argv => ['k3d', 'cluster', 'delete', cluster];
export const startCluster = ({ cluster }: K3dPlace): Argv => ['k3d', 'cluster', 'start', cluster];

/** Takes image, token and network from the nodes that are there. */
export const addNode = ({ cluster }: K3dPlace, key: NodeKey): Argv => [
  'k3d',
  'node',
  'create',
  `${cluster}-${key}`,
  '--cluster',
  cluster,
  '--role',
  'agent',
  '--runtime-label',
  `${OWNER}=${cluster}`,
  '--timeout',
  '300s',
];
export const removeNode = (name: string): Argv => ['k3d', 'node', 'delete', name];

export const drainNode = (place: K3dPlace, name: string): Argv =>
  kubectl(place, 'drain', name, '--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout', '60s');
export const forgetNode = (place: K3dPlace, name: string): Argv =>
  kubectl(place, 'delete', 'node', name, '--ignore-not-found');
