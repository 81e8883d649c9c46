import { readFileSync } from 'node:fs';
import { loadAll } from 'js-yaml';
import { type Fields, isFields, type KubeObject } from '../../kube/objects/object.ts';
import { withCalicoDefaults } from '../defaults.ts';
import { object, type Schema, string } from '../schema/schema.ts';
import { unknownPaths, violations } from '../schema/structural.ts';
import { Failure } from './failure.ts';
import { RESOURCE_TYPES, type ResourceType } from './resources.ts';

export interface Loaded {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

const PARSER = 'error unmarshaling JSON: while decoding JSON: json: ';

const open: Schema = { type: 'object', open: true };

/** The resources of a file, of `-` from standard input: documents, lists and arrays of them. @throws Failure, as strict as Go's decoder */
export function loadResources(filename: string): readonly Loaded[] {
  const read = () => {
    try {
      return readFileSync(filename === '-' ? 0 : filename, 'utf8');
    } catch {
      throw new Failure(`open ${filename}: no such file or directory`);
    }
  };
  return parseDocuments(read()).flatMap(flatten).map(checked);
}

function parseDocuments(text: string): readonly unknown[] {
  try {
    return loadAll(text).filter((document) => document !== null && document !== undefined);
  } catch (error) {
    throw new Failure(`error converting YAML to JSON: yaml: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function flatten(document: unknown): readonly unknown[] {
  if (Array.isArray(document)) return document.flatMap(flatten);
  const items = isFields(document) && String(document['kind']).endsWith('List') ? document['items'] : undefined;
  return Array.isArray(items) ? items : [document];
}

function checked(document: unknown): Loaded {
  if (!isFields(document))
    throw new Failure(`${PARSER}cannot unmarshal string into Go value of type map[string]interface {}`);
  return checkedResource(document);
}

/** A document as a resource of a known type. @throws Failure for a type, a field or a value that there is not */
export function checkedResource(document: Fields): Loaded {
  const [kind, version] = [String(document['kind'] ?? ''), String(document['apiVersion'] ?? '')];
  const type = RESOURCE_TYPES.find((known) => known.kind === kind && version === 'projectcalico.org/v3');
  if (type === undefined) throw new Failure(`Unknown resource type (${kind}) and/or version (${version})`);
  const inner = type.schema.type === 'object' ? type.schema.properties : {};
  const whole = object({ apiVersion: string, kind: string, metadata: open, ...inner });
  const [unknown] = unknownPaths(document, whole);
  if (unknown !== undefined) throw new Failure(`${PARSER}unknown field "${unknown.split('.').at(-1)}"`);
  const resource = withCalicoDefaults({ ...document, metadata: document['metadata'] ?? {} } as KubeObject);
  const [wrong] = violations(resource['spec'] ?? {}, inner?.['spec'] ?? open, 'spec');
  if (wrong?.message.includes('must be of type') === true) {
    const found = /^Invalid value: "(\w+)"/.exec(wrong.message)?.[1];
    const wanted = /must be of type (\w+)/.exec(wrong.message)?.[1];
    throw new Failure(
      `${PARSER}cannot unmarshal ${found} into Go struct field ${kind}.${wrong.field} of type ${wanted}`,
    );
  }
  return { type, object: resource };
}
