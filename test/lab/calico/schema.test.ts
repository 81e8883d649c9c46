import { loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import { CALICO_KINDS } from '../../../src/lab/calico/kinds.ts';
import { object, type Schema, string } from '../../../src/lab/calico/schema/schema.ts';
import { prune, unknownPaths, violations, withDefaults } from '../../../src/lab/calico/schema/structural.ts';
import { at, type Fields, isFields } from '../../../src/lab/kube/objects/object.ts';
import { published, withPublished } from './captures.ts';

withPublished("compared with Calico's CustomResourceDefinitions", () => {
  const definitions = loadAll(published('crds.yaml')).filter(isFields);

  test.for(CALICO_KINDS.filter(({ kind }) => kind !== 'FelixConfiguration'))('$kind has the same fields', (known) => {
    const definition = definitions.find((each) => at(each, 'spec', 'names', 'kind') === known.kind);
    const theirs = at(definition, 'spec', 'versions', 0, 'schema', 'openAPIV3Schema', 'properties') as Fields;
    const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = theirs;
    expect(at(definition, 'spec', 'names', 'plural')).toBe(known.plural);
    expect(shape(known.schema)).toEqual(shape({ type: 'object', properties: rest }));
  });
});

/** Types, ranges, choices and requirements, without prose. */
function shape(schema: unknown): unknown {
  const keep = ['type', 'enum', 'default', 'minimum', 'maximum', 'nullable'];
  const own = Object.fromEntries(
    keep.flatMap((key) => (at(schema, key) === undefined ? [] : [[key, at(schema, key)]])),
  );
  const choices = at(schema, 'allOf', 0, 'enum');
  const required = at(schema, 'required');
  const [properties, items, map] = ['properties', 'items', 'additionalProperties'].map((key) => at(schema, key));
  return {
    ...own,
    ...(choices !== undefined && { enum: choices }),
    ...(Array.isArray(required) && { required: [...required].sort() }),
    ...(isFields(properties) && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, shape(inner)])),
    }),
    ...(items !== undefined && { items: shape(items) }),
    ...(map !== undefined && { additionalProperties: shape(map) }),
  };
}

const person: Schema = object(
  { name: string, age: { type: 'integer', minimum: 0 }, pets: { type: 'array', items: object({ name: string }) } },
  ['name'],
);

test('fields that the schema does not know are dropped, however deep', () => {
  expect(prune({ name: 'a', hat: 1, pets: [{ name: 'b', hat: 1 }] }, person)).toEqual({
    name: 'a',
    pets: [{ name: 'b' }],
  });
});

test('fields that the schema does not know are named with their path', () => {
  expect(unknownPaths({ hat: 1, pets: [{ hat: 1 }] }, person, 'spec')).toEqual(['spec.hat', 'spec.pets[0].hat']);
});

test('wrong types, missing fields and numbers out of range are refused in the words of the API server', () => {
  expect(violations({ age: 'old' }, person, 'spec').map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'spec.name: Required value',
    'spec.age: Invalid value: "string": spec.age in body must be of type integer: "string"',
  ]);
  expect(violations({ name: 'a', age: -1 }, person, 'spec')[0]?.message).toBe(
    'Invalid value: -1: spec.age in body should be greater than or equal to 0',
  );
});

test('defaults fill what is missing and leave what is there', () => {
  const schema = object({ mode: { type: 'string', default: 'on' } });
  expect([withDefaults({}, schema), withDefaults({ mode: 'off' }, schema)]).toEqual([{ mode: 'on' }, { mode: 'off' }]);
});
