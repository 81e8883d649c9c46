import { z } from 'zod';

/** A property: a word, the members of a braced list, or blocks by name. */
export type Value = string | readonly string[] | Blocks;
export interface Blocks {
  readonly [name: string]: Value;
}
const Value: z.ZodType<Value> = z.lazy(() => z.union([z.string(), z.array(z.string()), z.record(z.string(), Value)]));

/** Properties of an object by name, without those that have no value. */
const Properties = z.record(z.string(), Value);
export type Properties = Readonly<Record<string, Value>>;

/** All objects of a unit's TMOS configuration: component (`net self`), then name (`internal`), then properties. */
export const Objects = z.record(z.string(), z.record(z.string(), Properties));
export type Objects = Readonly<Record<string, Readonly<Record<string, Properties>>>>;

export function objectsOf(objects: Objects, component: string): Readonly<Record<string, Properties>> {
  return objects[component] ?? {};
}

export function withObject(objects: Objects, component: string, name: string, properties: Properties): Objects {
  return { ...objects, [component]: { ...objectsOf(objects, component), [name]: properties } };
}

export function withoutObject(objects: Objects, component: string, name: string): Objects {
  const { [name]: _gone, ...rest } = objectsOf(objects, component);
  return { ...objects, [component]: rest };
}

/** A property as a list: a word is a list of one, nothing an empty one; of blocks their names. */
export function listOf(value: Value | undefined): readonly string[] {
  if (value === undefined || value === 'none') return [];
  if (typeof value === 'string') return [value];
  return isList(value) ? value : Object.keys(value);
}

export function isList(value: Value): value is readonly string[] {
  return Array.isArray(value);
}

/** A property as blocks; none where it is something else. */
export function blocksOf(value: Value | undefined): Blocks {
  return value === undefined || typeof value === 'string' || isList(value) ? {} : value;
}
