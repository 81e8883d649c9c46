import { expect, test } from 'vitest';
import { clusterJsonSchema } from '../../src/config/json-schema.ts';
import { clusterReference } from '../../src/config/reference.ts';

test('the reference page is what the schema says', async () => {
  await expect(clusterReference()).toMatchFileSnapshot('../../docs/reference/cluster-file.md');
});

test('the JSON Schema asks for what the file must have and knows every default', () => {
  const { required, properties } = clusterJsonSchema() as unknown as Described;
  expect(required).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
  const { spec } = properties;
  expect(spec?.required).toEqual(['provider']);
  expect(spec?.properties['provider']).toMatchObject({ minProperties: 1, maxProperties: 1 });
  expect(spec?.properties['bgp']?.properties['asNumber']).toMatchObject({ default: 64512 });
  expect(spec?.properties['routers']).toMatchObject({ default: [] });
});

test('every field of the JSON Schema has a description', () => {
  expect(nameless(clusterJsonSchema() as unknown as Described, '')).toEqual([]);
});

interface Described {
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, Described>>;
  readonly items?: Described;
  readonly additionalProperties?: Described | boolean;
}

function nameless(schema: Described, path: string): readonly string[] {
  const fields = Object.entries(schema.properties ?? {}).flatMap(([key, field]) => [
    ...(field.description ? [] : [`${path}.${key}`]),
    ...nameless(field, `${path}.${key}`),
  ]);
  return [...fields, ...(schema.items ? nameless(schema.items, `${path}[]`) : [])];
}
