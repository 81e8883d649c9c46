import { isFields, type KubeObject } from './object.ts';
import type { Resource } from './resource.ts';

/** The object with the number of its spec, for kinds with a spec that somebody acts on. */
export function counted(resource: Resource, object: KubeObject, before: KubeObject | undefined): KubeObject {
  if (!hasGeneration(resource)) return object;
  const changed = before === undefined || !same(object['spec'], before['spec']);
  const generation = (before?.metadata.generation ?? 0) + (changed ? 1 : 0);
  return { ...object, metadata: { ...object.metadata, generation } };
}

const hasGeneration = (resource: Resource) => resource.versionedUpdates || resource.group === 'apps';

/** Equal but for the resourceVersion, whatever the order of fields. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (key, item) => {
    if (key === 'resourceVersion') return undefined;
    return isFields(item) ? Object.fromEntries(Object.entries(item).sort(([x], [y]) => (x < y ? -1 : 1))) : item;
  }) ?? '';
