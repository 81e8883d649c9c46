import { at, type KubeObject } from './object.ts';
import type { Column } from './resource.ts';

export const NAME: Column = { name: 'Name', value: ({ metadata }) => metadata.name };

export const AGE: Column = { name: 'Age', value: ({ metadata }) => age(metadata.creationTimestamp) };

/** `metadata` and time as kubectl shows them by default. */
export const DEFAULT_COLUMNS: readonly Column[] = [NAME, AGE];

/** A column that shows the field at a path, as text. */
export const field = (name: string, ...path: readonly (string | number)[]): Column => ({
  name,
  value: (object) => String(at(object, ...path) ?? ''),
});

/** Time since, as kubectl shortens it: `45s`, `3m20s`, `17m`, `5h`, `12d`. */
export function age(since: unknown, now = Date.now()): string {
  if (typeof since !== 'string') return '<unknown>';
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  return `${Math.floor(hours / 24)}d`;
}

export const text = (value: unknown, otherwise = '<none>') =>
  value === undefined || value === '' ? otherwise : String(value);

/** Value of a condition of an object: `True`, `False`, `Unknown`. */
export function condition(object: KubeObject, type: string): string | undefined {
  const conditions = at(object, 'status', 'conditions');
  const found = Array.isArray(conditions) ? conditions.find((item) => at(item, 'type') === type) : undefined;
  return found === undefined ? undefined : String(at(found, 'status'));
}
