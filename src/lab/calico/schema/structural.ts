import { type Fields, isFields } from '../../kube/objects/object.ts';
import type { Cause } from '../../kube/objects/status.ts';
import type { Schema } from './schema.ts';

/** The value without what its schema does not know, as an API server prunes it. */
export function prune(value: unknown, schema: Schema): unknown {
  if (schema.type === 'array') return Array.isArray(value) ? value.map((item) => prune(item, schema.items)) : value;
  if (schema.type !== 'object' || !isFields(value) || schema.open === true) return value;
  const kept = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    const inner = schema.properties?.[key] ?? schema.additionalProperties;
    return inner === undefined ? [] : [[key, prune(item, inner)]];
  });
  return Object.fromEntries(kept);
}

/** Paths of fields that the schema does not know: `spec.foo`, `spec.exportV4[0].bar`. */
export function unknownPaths(value: unknown, schema: Schema, path = ''): readonly string[] {
  if (schema.type === 'array') {
    return Array.isArray(value) ? value.flatMap((item, i) => unknownPaths(item, schema.items, `${path}[${i}]`)) : [];
  }
  if (schema.type !== 'object' || !isFields(value) || schema.open === true) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const inner = schema.properties?.[key] ?? schema.additionalProperties;
    const here = path === '' ? key : `${path}.${key}`;
    return inner === undefined ? [here] : unknownPaths(item, inner, here);
  });
}

/** The value with the defaults of its schema. */
export function withDefaults(value: unknown, schema: Schema): unknown {
  if (schema.type === 'array')
    return Array.isArray(value) ? value.map((item) => withDefaults(item, schema.items)) : value;
  if (schema.type !== 'object' || !isFields(value)) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    const missing = filled[key] === undefined;
    if (missing && 'default' in inner && inner.default !== undefined) filled[key] = inner.default;
    else if (key in filled) filled[key] = withDefaults(filled[key], inner);
  }
  return filled;
}

/** What an API server refuses a value for, in its words. */
export function violations(value: unknown, schema: Schema, path: string): readonly Cause[] {
  if (value === null && 'nullable' in schema && schema.nullable) return [];
  if (typeName(value) !== schema.type) return [wrongType(value, schema, path)];
  switch (schema.type) {
    case 'object':
      return objectViolations(value as Fields, schema, path);
    case 'array':
      return (value as readonly unknown[]).flatMap((item, i) => violations(item, schema.items, `${path}[${i}]`));
    case 'string':
      return schema.enum === undefined || schema.enum.includes(value as string)
        ? []
        : [unsupported(value, schema.enum, path)];
    case 'integer':
      return rangeViolations(value as number, schema, path);
    case 'boolean':
      return [];
  }
}

function objectViolations(value: Fields, schema: Schema & { type: 'object' }, path: string): readonly Cause[] {
  const missing = (schema.required ?? [])
    .filter((key) => value[key] === undefined)
    .map((key): Cause => ({ field: `${path}.${key}`, reason: 'FieldValueRequired', message: 'Required value' }));
  const inner = Object.entries(value).flatMap(([key, item]) => {
    const of = schema.properties?.[key] ?? schema.additionalProperties;
    return of === undefined || item === undefined ? [] : violations(item, of, `${path}.${key}`);
  });
  return [...missing, ...inner];
}

function rangeViolations(
  value: number,
  { minimum, maximum }: Schema & { type: 'integer' },
  path: string,
): readonly Cause[] {
  const side =
    minimum !== undefined && value < minimum
      ? `greater than or equal to ${minimum}`
      : maximum !== undefined && value > maximum
        ? `less than or equal to ${maximum}`
        : undefined;
  if (side === undefined) return [];
  const message = `Invalid value: ${value}: ${path} in body should be ${side}`;
  return [{ field: path, reason: 'FieldValueInvalid', message }];
}

const typeName = (value: unknown) =>
  Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : value === null ? 'null' : typeof value;

const wrongType = (value: unknown, { type }: Schema, path: string): Cause => ({
  field: path,
  reason: 'FieldValueInvalid',
  message: `Invalid value: "${typeName(value)}": ${path} in body must be of type ${type}: "${typeName(value)}"`,
});

const unsupported = (value: unknown, supported: readonly string[], path: string): Cause => ({
  field: path,
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: "${String(value)}": supported values: ${supported.map((item) => `"${item}"`).join(', ')}`,
});
