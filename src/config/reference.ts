import type { z } from 'zod';
import { clusterJsonSchema } from './json-schema.ts';

type Schema = z.core.JSONSchema.BaseSchema;

interface Section {
  readonly path: string;
  readonly schema: Schema;
}

/** The reference page of the cluster file, in Markdown: a table for every map of fields, in the order of the file. */
export function clusterReference(): string {
  return `${[INTRODUCTION, ...sectionsOf('', clusterJsonSchema()).map(section)].join('\n\n')}\n`;
}

const INTRODUCTION = `# The cluster file

<!-- Made from src/config/schema.ts by \`npx vitest run test/config -u\`. -->

What is wrong with a file is told as \`file:line:column: field: message\`, all of it at once; \`cpaas validate\` does only that. \`cpaas schema\` prints the same
as JSON Schema, for editors. What is neither optional nor has a default must be given.`;

/** The maps of fields below a schema, itself first. Alternatives (\`anyOf\`) are values of one field, not sections. */
function sectionsOf(path: string, schema: Schema): readonly Section[] {
  const item = schema.type === 'array' ? schemaOf(schema.items) : undefined;
  if (item) return sectionsOf(`${path}[]`, schema.description ? { description: schema.description, ...item } : item);
  if (!schema.properties) return [];
  const below = fieldsOf(schema).flatMap(([key, field]) => sectionsOf(path ? `${path}.${key}` : key, field));
  return [{ path, schema }, ...below];
}

function section({ path, schema }: Section): string {
  const title = path ? `## ${path}` : '## The file';
  const required = new Set(schema.required ?? []);
  const rows = fieldsOf(schema).map(([key, field]) => row(key, field, required.has(key)));
  const words = path && schema.description ? [`${schema.description}.`, ''] : [];
  return [title, '', ...words, '| field | value | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function row(key: string, field: Schema, required: boolean): string {
  const given = JSON.stringify(field.default);
  const fallback = given === undefined || given === '{}' ? (required ? '' : '*optional*') : `\`${given}\``;
  return `| \`${key}\` | ${cell(kindOf(field))} | ${cell(fallback)} | ${cell(field.description ?? '')} |`;
}

const FORMATS: Readonly<Record<string, string>> = {
  ipv4: 'IPv4 address',
  cidrv4: 'IPv4 network',
  ipv6: 'IPv6 address',
  cidrv6: 'IPv6 network',
  uri: 'URL',
};

function kindOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.anyOf) return schema.anyOf.map((option) => alternative(option as Schema)).join(' or ');
  if (schema.type === 'array') return listKind(schemaOf(schema.items) ?? {});
  if (schema.type === 'object') return schema.properties ? 'fields below' : 'map by name';
  if (schema.type === 'integer') return range(schema);
  if (schema.type === 'string') return FORMATS[schema.format ?? ''] ?? 'text';
  return schema.type === 'boolean' ? '`true`, `false`' : `${schema.type ?? 'anything'}`;
}

/** One of the ways to give a secret is told by its only field: `{ env }`. */
function alternative(schema: Schema): string {
  const keys = Object.keys(schema.properties ?? {});
  return keys.length > 0 ? `\`{ ${keys.join(', ')} }\`` : kindOf(schema);
}

const listKind = (item: Schema): string => (item.type === 'object' ? 'list, fields below' : `list of ${kindOf(item)}`);

function range({ minimum, maximum = Number.MAX_SAFE_INTEGER }: Schema): string {
  if (minimum === undefined) return 'whole number';
  return maximum === Number.MAX_SAFE_INTEGER ? `whole number from ${minimum}` : `${minimum} to ${maximum}`;
}

const fieldsOf = (schema: Schema) =>
  Object.entries(schema.properties ?? {}).map(([key, field]) => [key, schemaOf(field) ?? {}] as const);

const schemaOf = (part: unknown): Schema | undefined =>
  typeof part === 'object' && part !== null && !Array.isArray(part) ? (part as Schema) : undefined;

const cell = (text: string): string => text.replaceAll('|', '\\|');
