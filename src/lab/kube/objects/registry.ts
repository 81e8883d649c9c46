import { randomUUID } from 'node:crypto';
import { asDraft, replaced, suffix, typeOf, withoutManagedFields } from './drafts.ts';
import { counted, same } from './generation.ts';
import { checkName } from './names.ts';
import { type Draft, isFields, type KubeObject, timestamp } from './object.ts';
import { jsonPatch, mergePatch, strategicMergePatch } from './patch.ts';
import { bucketOf, type Resource } from './resource.ts';
import type { Matcher } from './selectors.ts';
import { alreadyExists, badRequest, conflict, invalid, notFound, unsupportedMediaType } from './status.ts';
import type { Store, StoreEvent } from './store.ts';

/** Where an object is: its kind, and its namespace when the kind has them. */
export interface Place {
  readonly resource: Resource;
  readonly namespace?: string;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

export interface Patch {
  /** Media type: which kind of patch it is. */
  readonly type: string;
  readonly body: unknown;
  readonly subresource?: string;
  /** Called with what comes out, before it is looked at any closer. */
  readonly inspect: (patched: unknown) => void;
}

const NAMESPACES = '/namespaces';

/** The verbs of the API on a store: what each kind's objects go through on their way in and out. */
export function createRegistry(store: Store) {
  const shown = ({ view }: Resource, object: KubeObject) => view?.fromStored(object) ?? object;
  const stored = ({ view }: Resource, object: KubeObject) => view?.toStored(object) ?? object;
  const keyIn = ({ namespace }: Place, name: string) => (namespace === undefined ? name : `${namespace}/${name}`);
  const within = ({ namespace }: Place, object: KubeObject) =>
    namespace === undefined || object.metadata.namespace === namespace;

  function get(place: Place, name: string): KubeObject {
    const object = store.get(bucketOf(place.resource), keyIn(place, name));
    if (object === undefined) throw notFound(place.resource, name);
    return shown(place.resource, object);
  }

  function list(place: Place, matches: Matcher): readonly KubeObject[] {
    return store
      .list(bucketOf(place.resource))
      .map(([, object]) => shown(place.resource, object))
      .filter((object) => within(place, object) && matches(object));
  }

  function create(place: Place, draft: Draft): KubeObject {
    const { resource, namespace } = place;
    if (namespace !== undefined && store.get(NAMESPACES, namespace) === undefined) {
      throw notFound({ ...resource, group: '', plural: 'namespaces' }, namespace);
    }
    const { generateName } = draft.metadata;
    const name = draft.metadata.name ?? (generateName === undefined ? undefined : generateName + suffix());
    if (name === undefined) {
      const message = 'Required value: name or generateName is required';
      throw invalid(resource, '', [{ field: 'metadata.name', reason: 'FieldValueRequired', message }]);
    }
    checkName(resource, name);
    const key = keyIn(place, name);
    if (store.get(bucketOf(resource), key) !== undefined) throw alreadyExists(resource, name);
    if (draft.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
    const metadata = {
      ...withoutManagedFields(draft.metadata),
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: randomUUID(),
      creationTimestamp: timestamp(),
    };
    const object = resource.admit({ ...draft, ...typeOf(resource), metadata }, undefined);
    return shown(resource, store.put(bucketOf(resource), key, counted(resource, stored(resource, object), undefined)));
  }

  function update(place: Place, name: string, draft: Draft, subresource?: string): KubeObject {
    const { resource } = place;
    const old = get(place, name);
    if (draft.metadata.name !== undefined && draft.metadata.name !== name) {
      throw badRequest(`the name of the object (${draft.metadata.name}) does not match the name on the URL (${name})`);
    }
    const version = draft.metadata.resourceVersion;
    if (version === undefined && resource.versionedUpdates) {
      const message = 'Invalid value: 0: must be specified for an update';
      throw invalid(resource, name, [{ field: 'metadata.resourceVersion', reason: 'FieldValueInvalid', message }]);
    }
    if (version !== undefined && version !== old.metadata.resourceVersion) throw conflict(resource, name);
    if (draft.metadata.uid !== undefined && draft.metadata.uid !== old.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${draft.metadata.uid}, UID in object meta: ${old.metadata.uid}`;
      throw conflict(resource, name, why);
    }
    const object = resource.admit(replaced(resource, old, draft, subresource), old);
    if (same(object, old)) return old;
    const before = store.get(bucketOf(resource), keyIn(place, name));
    return shown(
      resource,
      store.put(bucketOf(resource), keyIn(place, name), counted(resource, stored(resource, object), before)),
    );
  }

  function patch(place: Place, name: string, { type, body, subresource, inspect }: Patch): KubeObject {
    const { resource } = place;
    const apply = patchTypes(resource)[type];
    if (apply === undefined) throw unsupportedMediaType(Object.keys(patchTypes(resource)));
    const serverSide = type === 'application/apply-patch+yaml';
    if (serverSide && store.get(bucketOf(resource), keyIn(place, name)) === undefined) {
      inspect(body);
      return create(place, asDraft(resource, body));
    }
    const old = get(place, name);
    const patched = asDraft(resource, apply(old, body));
    inspect(patched);
    const asked = isFields(body) && isFields(body['metadata']) ? body['metadata']['resourceVersion'] : undefined;
    const resourceVersion = typeof asked === 'string' ? asked : old.metadata.resourceVersion;
    return update(
      place,
      name,
      { ...patched, metadata: { ...patched.metadata, resourceVersion } as Draft['metadata'] },
      subresource,
    );
  }

  function remove(
    place: Place,
    name: string,
    preconditions: { uid?: string; resourceVersion?: string } = {},
  ): KubeObject {
    const { resource } = place;
    const old = get(place, name);
    for (const field of ['uid', 'resourceVersion'] as const) {
      const asked = preconditions[field];
      if (asked !== undefined && asked !== old.metadata[field]) {
        const label = field === 'uid' ? 'UID' : 'ResourceVersion';
        const why = `Precondition failed: ${label} in precondition: ${asked}, ${label} in object meta: ${old.metadata[field]}`;
        throw conflict(resource, name, why);
      }
    }
    if (bucketOf(resource) === NAMESPACES) emptyNamespace(name);
    store.delete(bucketOf(resource), keyIn(place, name));
    return old;
  }

  function emptyNamespace(namespace: string): void {
    for (const bucket of store.buckets()) {
      for (const [key, object] of store.list(bucket)) {
        if (object.metadata.namespace === namespace) store.delete(bucket, key);
      }
    }
  }

  /** Changes after `since` as a client with this selector sees them: an object that stops matching is deleted to it. */
  function watch(place: Place, since: number, matches: Matcher, listener: (event: WatchEvent) => void): () => void {
    const bucket = bucketOf(place.resource);
    return store.subscribe(since, (event) => {
      if (event.bucket !== bucket || !within(place, event.object)) return;
      const seen = asSeen(event, (object) => matches(shown(place.resource, object)));
      if (seen !== undefined) listener({ ...seen, object: shown(place.resource, seen.object) });
    });
  }

  return { get, list, create, update, patch, remove, watch, revision: () => store.revision };
}
export type Registry = ReturnType<typeof createRegistry>;

function asSeen({ type, object, old }: StoreEvent, matches: Matcher): WatchEvent | undefined {
  const before = old !== undefined && matches(old);
  const now = type !== 'DELETED' && matches(object);
  if (!before && !now) return undefined;
  return { type: before ? (now ? 'MODIFIED' : 'DELETED') : 'ADDED', object };
}

function patchTypes({ strategicMerge }: Resource): Readonly<Record<string, (old: unknown, patch: unknown) => unknown>> {
  return {
    'application/json-patch+json': jsonPatch,
    'application/merge-patch+json': mergePatch,
    ...(strategicMerge && { 'application/strategic-merge-patch+json': strategicMergePatch }),
    // Field managers are not kept: an apply is an upsert that owns what it names.
    'application/apply-patch+yaml': strategicMerge ? strategicMergePatch : mergePatch,
  };
}
