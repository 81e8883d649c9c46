import { z } from 'zod';
import type { Reader } from '../core/context.ts';
import type { KubeAccess } from './access.ts';
import type { CalicoApi } from './calico-api.ts';
import { getObjects, type KubeObject } from './kubectl.ts';

const plurals = {
  BGPConfiguration: 'bgpconfigurations',
  BGPPeer: 'bgppeers',
  BGPFilter: 'bgpfilters',
} as const;
export type CalicoKind = keyof typeof plurals;

/** An object of Calico's, whichever API it was read through. */
export interface CalicoObject {
  readonly kind: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

export const resource = (kind: CalicoKind, api: CalicoApi): string =>
  `${plurals[kind]}.${api === 'v3' ? '' : 'crd.'}projectcalico.org`;

/** The objects of one of the kinds. All that are about BGP come in one call, so that whoever asks for another kind asks the same. */
export async function readBgp(
  ctx: Reader,
  access: KubeAccess,
  api: CalicoApi,
  kind: CalicoKind,
): Promise<readonly CalicoObject[]> {
  const objects = await readCalico(ctx, access, api, 'BGPConfiguration', 'BGPFilter', 'BGPPeer');
  return objects.filter((object) => object.kind === kind);
}

/** All objects of some kinds, in one call. */
export async function readCalico(
  ctx: Reader,
  access: KubeAccess,
  api: CalicoApi,
  ...kinds: readonly CalicoKind[]
): Promise<readonly CalicoObject[]> {
  const objects = await getObjects(ctx, access, ...kinds.map((kind) => resource(kind, api)));
  return objects.map((object) => ({
    kind: object.kind,
    name: object.metadata.name,
    labels: labelsOf(object),
    spec: Spec.parse(object['spec'] ?? {}),
  }));
}

const Spec = z.record(z.string(), z.unknown());
const Kept = z.looseObject({ labels: z.record(z.string(), z.string()).nullish() });

/** The labels of an object. In the stored form calicoctl keeps those of the v3 object in an annotation, as JSON. */
export function labelsOf({ metadata }: KubeObject): Readonly<Record<string, string>> {
  const annotation = metadata.annotations?.['projectcalico.org/metadata'];
  return { ...metadata.labels, ...(annotation === undefined ? {} : parsed(annotation)) };
}

function parsed(annotation: string): Readonly<Record<string, string>> {
  try {
    return Kept.parse(JSON.parse(annotation)).labels ?? {};
  } catch {
    // Somebody edited it by hand: what cannot be read bears no mark of ours.
    return {};
  }
}

/** The labels that make an object this cluster's cpaas's own. */
export const ourLabels = (cluster: string): Readonly<Record<string, string>> => ({
  'app.kubernetes.io/managed-by': 'cpaas',
  'cpaas.dev/cluster': cluster,
});

export const isOurs = ({ labels }: CalicoObject, cluster: string): boolean =>
  Object.entries(ourLabels(cluster)).every(([name, value]) => labels[name] === value);
