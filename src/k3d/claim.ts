import { isDeepStrictEqual as same } from 'node:util';
import type { Claim, ElementChange, RiskOf, Seen } from '../core/step.ts';
import { CLUSTER, CONFIGURATION, type K3dPart, KUBECONFIG } from './parts.ts';
import type { ClusterShape } from './shape.ts';

/** Somebody else's cluster is left alone; what is like ours but has more in its certificate will do. */
export function claimPart(key: string, there: Seen<K3dPart> | undefined, want: K3dPart, ours: boolean): Claim {
  if (!there) return 'take';
  const { value } = there;
  if (!ours) return { conflict: `somebody else's k3d cluster has this name: ${key} is not ours` };
  if ('shape' in value && 'shape' in want && differences(value.shape, want.shape).length === 0) return 'leave';
  return 'take';
}

/** What differs between clusters, in words; nothing when the one will do for the other. */
function differences(there: ClusterShape, want: ClusterShape): readonly string[] {
  // what it was made with stands in its servers
  if (there.servers === 0) return ['none of its servers is left'];
  const missing = want.tlsSans.filter((name) => !there.tlsSans.includes(name));
  return [
    ...(there.image === want.image ? [] : [`image ${there.image} → ${want.image}`]),
    ...(there.servers === want.servers ? [] : [`servers ${there.servers} → ${want.servers}`]),
    ...changedArgs(there.args, want.args),
    ...(missing.length === 0 ? [] : [`certificate without ${missing.join(', ')}`]),
    ...(same(there.calico, want.calico) ? [] : [`Calico ${calico(there)} → ${calico(want)}`]),
  ];
}

function changedArgs(there: readonly string[], want: readonly string[]): readonly string[] {
  const gone = there.filter((arg) => !want.includes(arg)).map((arg) => `without ${arg}`);
  const come = want.filter((arg) => !there.includes(arg)).map((arg) => `with ${arg}`);
  return [...gone, ...come];
}

const calico = ({ calico: it }: ClusterShape): string =>
  it
    ? `${it.version} ${it.encapsulation} ${it.pods} /${it.blockSize}${it.natOutgoing ? ' NAT' : ''}`
    : 'of somebody else';

/** What a change costs. */
export function riskOfPart({ key, from, to }: ElementChange<K3dPart>, cluster: string): RiskOf {
  const before = from && 'shape' in from ? from.shape : undefined;
  const after = to && 'shape' in to ? to.shape : undefined;
  if (key === CLUSTER && before && after)
    return {
      risk: 'destructive',
      why: `the cluster ${cluster} is made anew, all in it is lost: ${reasons(before, after)}`,
    };
  if (key === CLUSTER && before) return { risk: 'destructive', why: `the cluster ${cluster}, with everything in it` };
  if (from === undefined || to !== undefined) return { risk: 'additive' };
  if (key === KUBECONFIG || key === CONFIGURATION) return { risk: 'additive' };
  return { risk: 'disruptive', why: `the node ${key}, with the pods on it` };
}

const reasons = (before: ClusterShape, after: ClusterShape): string => differences(before, after).join(', ');

/** One change for people. */
export function describePart({ key, from, to }: ElementChange<K3dPart>): string {
  const before = from && 'shape' in from ? from.shape : undefined;
  const after = to && 'shape' in to ? to.shape : undefined;
  if (before && after) return `cluster anew: ${reasons(before, after)}`;
  const shape = after ?? before;
  if (shape) return `cluster of ${shape.image}`;
  if (key === CONFIGURATION) return 'configuration for k3d';
  if (key === KUBECONFIG) return 'kubeconfig';
  return from && to ? `node ${key} started` : `node ${key}`;
}
