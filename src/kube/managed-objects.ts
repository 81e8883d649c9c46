import { createHash } from 'node:crypto';
import { ourLabels } from './calico-objects.ts';
import type { ManifestObject } from './manifest.ts';

/** Objects of a manifest are put into the cluster with our labels, and with the digest of what was asked for. */
const DIGEST = 'cpaas.dev/digest';

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
const metadataOf = ({ metadata }: ManifestObject): Metadata => metadata;

/** `DaemonSet kube-system/calico-node`, `ClusterRole calico-node`: what an object is called in its cluster. */
export const objectKey = (object: ManifestObject): string => {
  const { name, namespace } = metadataOf(object);
  return `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
};

/** 64 hexadecimal digits that change with whatever is asked for. */
export const objectDigest = (object: ManifestObject): string =>
  createHash('sha256').update(JSON.stringify(object)).digest('hex');

/** The object as it is sent. */
export function managed(object: ManifestObject, cluster: string): ManifestObject {
  const { labels, annotations, ...metadata } = metadataOf(object);
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...labels, ...ourLabels(cluster) },
      annotations: { ...annotations, [DIGEST]: objectDigest(object) },
    },
  } as ManifestObject;
}

export interface FoundObject {
  readonly key: string;
  readonly digest: string;
  readonly ours: boolean;
}

const TAB = '{"\\t"}';
const FIELDS = [
  '{.kind}',
  '{.metadata.namespace}',
  '{.metadata.name}',
  '{.metadata.annotations.cpaas\\.dev/digest}',
  '{.metadata.labels.app\\.kubernetes\\.io/managed-by}',
  '{.metadata.labels.cpaas\\.dev/cluster}',
] as const;

/** The words of a `kubectl get` that lists the objects of some kinds, a line each; those in namespaces of one namespace only. */
export const listManaged = (kinds: readonly string[], namespace: string): readonly string[] => [
  'get',
  kinds.join(','),
  '--namespace',
  namespace,
  '-o',
  `jsonpath={range .items[*]}${FIELDS.join(TAB)}{"\\n"}{end}`,
];

/** Reads the lines of such a list. */
export function parseManaged(listed: string, cluster: string): readonly FoundObject[] {
  return listed.split('\n').flatMap((line) => {
    const [kind = '', namespace = '', name = '', digest = '', manager, owner] = line.split('\t');
    if (name === '') return [];
    const ours = manager === 'cpaas' && owner === cluster;
    return [{ key: `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`, digest, ours }];
  });
}
