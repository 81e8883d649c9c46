import { type Fields, isFields } from './object.ts';
import { badRequest } from './status.ts';

/** RFC 7396: null removes, objects merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged: Record<string, unknown> = isFields(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/**
 * Keys by which lists of Kubernetes' own kinds merge, by the field that holds the list; other lists are replaced.
 * Source: `patchMergeKey` tags of k8s.io/api core/v1 and meta/v1.
 */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  addresses: 'type',
  conditions: 'type',
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
  imagePullSecrets: 'name',
  ownerReferences: 'uid',
  taints: 'key',
};
/** Lists of plain values that merge as sets. */
const MERGED_SETS = new Set(['finalizers', 'podCIDRs']);

/** Strategic merge patch: a merge patch that knows how lists of Kubernetes' own kinds merge. */
export function strategicMergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  if (patch['$patch'] === 'replace') return without(patch, '$patch');
  const merged: Record<string, unknown> = isFields(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$setElementOrder/') || key === '$retainKeys') continue;
    if (key.startsWith('$deleteFromPrimitiveList/')) {
      const field = key.slice('$deleteFromPrimitiveList/'.length);
      merged[field] = asList(merged[field]).filter((item) => !asList(value).includes(item));
    } else if (value === null) delete merged[key];
    else if (Array.isArray(value)) merged[key] = mergeList(key, merged[key], value);
    else merged[key] = strategicMergePatch(merged[key], value);
  }
  return merged;
}

function mergeList(field: string, target: unknown, patch: readonly unknown[]): readonly unknown[] {
  const current = asList(target);
  if (MERGED_SETS.has(field)) return [...new Set([...current, ...patch])];
  const mergeKey = MERGE_KEYS[field];
  if (mergeKey === undefined) return patch;
  let merged = [...current];
  for (const item of patch) {
    if (!isFields(item)) return patch;
    const index = merged.findIndex((other) => isFields(other) && other[mergeKey] === item[mergeKey]);
    if (item['$patch'] === 'delete') merged = merged.filter((_, position) => position !== index);
    else if (index < 0) merged.push(strategicMergePatch({}, item));
    else merged[index] = strategicMergePatch(merged[index], item);
  }
  return merged;
}

/** RFC 6902, all six operations. @throws ApiError 400 for a path that leads nowhere or a test that fails */
export function jsonPatch(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw badRequest('error decoding patch: json: cannot unmarshal object into Patch');
  return operations.reduce(applyOperation, structuredClone(target));
}

function applyOperation(document: unknown, operation: unknown): unknown {
  if (!isFields(operation) || typeof operation['path'] !== 'string') throw badRequest('Unexpected kind: unknown');
  const path = pointer(operation['path']);
  switch (operation['op']) {
    case 'add':
      return insert(document, path, operation['value']);
    case 'remove':
      return remove(document, path);
    case 'replace':
      lookUp(document, path, 'replace');
      return insert(path.length === 0 ? document : remove(document, path), path, operation['value']);
    case 'test':
      if (JSON.stringify(sorted(lookUp(document, path, 'test'))) !== JSON.stringify(sorted(operation['value'])))
        throw badRequest(`testing value ${operation['path']} failed: test failed`);
      return document;
    case 'copy':
    case 'move': {
      const from = pointer(String(operation['from']));
      const value = lookUp(document, from, operation['op']);
      return insert(operation['op'] === 'move' ? remove(document, from) : document, path, structuredClone(value));
    }
    default:
      throw badRequest(`Unexpected kind: ${String(operation['op'])}`);
  }
}

const pointer = (text: string) =>
  text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

function lookUp(document: unknown, path: readonly string[], operation: string): unknown {
  let here = document;
  for (const step of path) {
    const next = Array.isArray(here) ? here[Number(step)] : isFields(here) ? here[step] : undefined;
    if (next === undefined) {
      throw badRequest(`${operation} operation does not apply: doc is missing path: /${path.join('/')}: missing value`);
    }
    here = next;
  }
  return here;
}

/** `document` is a private copy: changed in place. */
function insert(document: unknown, path: readonly string[], value: unknown): unknown {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = lookUp(document, path.slice(0, -1), 'add');
  if (Array.isArray(parent)) parent.splice(last === '-' ? parent.length : Number(last), 0, value);
  else (parent as Record<string, unknown>)[last] = value;
  return document;
}

function remove(document: unknown, path: readonly string[]): unknown {
  lookUp(document, path, 'remove');
  const parent = lookUp(document, path.slice(0, -1), 'remove');
  const last = path.at(-1) ?? '';
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Record<string, unknown>)[last];
  return document;
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const without = (fields: Fields, key: string): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
