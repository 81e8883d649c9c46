import type { ElementChange } from '../core/step.ts';
import type { NodeKey } from './names.ts';
import { CLUSTER, CONFIGURATION, isNodeKey, type K3dPart, KUBECONFIG } from './parts.ts';
import type { ClusterShape } from './shape.ts';

/** Changes of a cluster, by what has to be done for them. */
export interface K3dChanges {
  /** The whole cluster goes, or is made (anew); nothing when it stays. */
  readonly shape?: { readonly to?: ClusterShape };
  readonly stopped: readonly NodeKey[];
  readonly added: readonly NodeKey[];
  readonly removed: readonly NodeKey[];
  readonly configuration?: 'wanted' | 'gone';
  readonly kubeconfig?: 'wanted' | 'gone';
}

export function changesOf(changes: readonly ElementChange<K3dPart>[]): K3dChanges {
  const shape = changes.find(({ key }) => key === CLUSTER);
  const files = (which: string) =>
    changes.filter(({ key }) => key === which).map(({ to }) => (to ? ('wanted' as const) : ('gone' as const)))[0];
  const [configuration, kubeconfig] = [files(CONFIGURATION), files(KUBECONFIG)];
  const nodes = changes.flatMap(({ key, from, to }) => (isNodeKey(key) ? [{ key, from, to }] : []));
  const keys = (which: (node: (typeof nodes)[number]) => boolean) => nodes.filter(which).map(({ key }) => key);
  return {
    ...(shape ? { shape: shape.to && 'shape' in shape.to ? { to: shape.to.shape } : {} } : {}),
    stopped: keys(({ from, to }) => from !== undefined && to !== undefined),
    added: keys(({ from, to }) => from === undefined && to !== undefined),
    removed: keys(({ to }) => to === undefined),
    ...(configuration ? { configuration } : {}),
    ...(kubeconfig ? { kubeconfig } : {}),
  };
}
