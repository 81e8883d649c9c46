import { z } from 'zod';
import type { Path } from './path.ts';

/** A value of which anything may be missing. */
export type DeepPartial<T> = T extends readonly (infer Item)[]
  ? readonly (DeepPartial<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> | undefined }
    : T;

/**
 * The parts of a value that fit its schema, defaults filled in, so that what is right can be checked while something else is wrong.
 * What does not fit is undefined under its key; what is not there has no key.
 */
export function salvage<T>(schema: z.ZodType<T>, data: unknown): DeepPartial<T> | undefined {
  return salvageAny(schema, data) as DeepPartial<T> | undefined;
}

function salvageAny(schema: z.ZodType, data: unknown): unknown {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray && Array.isArray(data))
    return data.map((item) => salvageAny(inner.element as z.ZodType, item));
  if (!(inner instanceof z.ZodObject) || !isMap(data)) return undefined;
  return Object.fromEntries(
    Object.entries(inner.shape as Readonly<Record<string, z.ZodType>>)
      .map(([key, field]) => [key, salvageAny(field, data[key])] as const)
      .filter(([key, value]) => value !== undefined || Object.hasOwn(data, key)),
  );
}

const isMap = (data: unknown): data is Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

/** The keys that an object at a path may have; nothing where the schema has no object. */
export function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  let at = unwrap(schema);
  for (const key of path) {
    const next: unknown =
      at instanceof z.ZodObject
        ? at.shape[key]
        : at instanceof z.ZodArray
          ? at.element
          : at instanceof z.ZodRecord
            ? at.valueType
            : undefined;
    if (!(next instanceof z.ZodType)) return [];
    at = unwrap(next);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** Every object in the schema that has a key of this name, as words: `spec.routers[].bigip`. */
export function homesOf(key: string, schema: z.ZodType, at = ''): readonly string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) return homesOf(key, inner.element as z.ZodType, `${at}[]`);
  if (!(inner instanceof z.ZodObject)) return [];
  const shape = inner.shape as Readonly<Record<string, z.ZodType>>;
  const below = Object.entries(shape).flatMap(([name, field]) => homesOf(key, field, at ? `${at}.${name}` : name));
  return Object.hasOwn(shape, key) ? [at, ...below] : below;
}

function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? unwrap(schema.unwrap() as z.ZodType)
    : schema;
}
