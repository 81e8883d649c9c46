import type { KubeObject } from './object.ts';

/** A column of the table that `kubectl get` prints. */
export interface Column {
  readonly name: string;
  readonly type?: 'string' | 'integer' | 'boolean';
  /** Shown with `-o wide` only. */
  readonly wide?: boolean;
  readonly value: (object: KubeObject) => string | number | boolean;
}

/** Another face of a stored kind: projectcalico.org/v3 over crd.projectcalico.org/v1. */
export interface View {
  /** Bucket that holds the objects. */
  readonly bucket: string;
  toStored(object: KubeObject): KubeObject;
  fromStored(object: KubeObject): KubeObject;
}

/** A kind that the API server serves, and how strict it is about it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames?: readonly string[];
  readonly namespaced: boolean;
  readonly subresources?: readonly ('status' | 'exec')[];
  readonly columns?: readonly Column[];
  /** Kinds of Kubernetes itself take strategic merge patches; custom ones do not. */
  readonly strategicMerge: boolean;
  /** Custom resources demand a resourceVersion in an update. */
  readonly versionedUpdates: boolean;
  readonly view?: View;
  /** Paths of fields that the kind does not have: `spec.foo`. */
  unknownFields?(object: KubeObject): readonly string[];
  /** Defaults, prunes and checks an object before it is stored; throws `ApiError` 422. */
  admit(object: KubeObject, old: KubeObject | undefined): KubeObject;
}

export const apiVersion = ({ group, version }: Pick<Resource, 'group' | 'version'>) =>
  group === '' ? version : `${group}/${version}`;

/** Name of the set that holds a kind's objects in the store. */
export const bucketOf = ({ view, group, plural }: Resource) => view?.bucket ?? `${group}/${plural}`;

/** The kinds by the group version that serves them, in the order they are listed. */
export function byGroupVersion(resources: readonly Resource[]): ReadonlyMap<string, readonly Resource[]> {
  const versions = new Map<string, Resource[]>();
  for (const resource of resources) {
    const members = versions.get(apiVersion(resource)) ?? [];
    versions.set(apiVersion(resource), [...members, resource]);
  }
  return versions;
}
