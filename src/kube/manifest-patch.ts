import { CpaasError } from '../core/errors.ts';
import type { ManifestObject } from './manifest.ts';

/** A map of a manifest. Fields that no patch names stay as they are. */
export type Fields = Readonly<Record<string, unknown>>;

/** Objects in, objects out: only what the patch is about differs. */
export type Patch = (objects: readonly ManifestObject[]) => readonly ManifestObject[];

/** Changes the one object of this kind and name. Rejects with `CALICO.MANIFEST` when there is none. */
export const changing =
  (kind: string, name: string, change: (object: Fields) => Fields): Patch =>
  (objects) => {
    const isIt = (object: ManifestObject): boolean => object.kind === kind && object.metadata.name === name;
    if (!objects.some(isIt)) throw missingAnchor(`${kind} ${name}`);
    return objects.map((object) => (isIt(object) ? ({ ...object, ...change(object) } as ManifestObject) : object));
  };

/** Changes the map at a path, which has to be there. */
export function under(fields: Fields, path: readonly string[], change: (inner: Fields) => Fields): Fields {
  const [key, ...rest] = path;
  if (key === undefined) return change(fields);
  return { ...fields, [key]: under(mapAt(fields, key), rest, change) };
}

function mapAt(fields: Fields, key: string): Fields {
  const found = fields[key];
  if (!isMap(found)) throw missingAnchor(`the map ${key}`);
  return found;
}

export function textAt(fields: Fields, key: string): string {
  const found = fields[key];
  if (typeof found !== 'string') throw missingAnchor(`the text ${key}`);
  return found;
}

/** The maps of a list, which has to have one of this name, where one is given. */
export function listAt(fields: Fields, key: string, name?: string): readonly Fields[] {
  const found = fields[key];
  if (!Array.isArray(found) || !found.every(isMap)) throw missingAnchor(`the list ${key}`);
  if (name !== undefined && !found.some((each) => each['name'] === name)) throw missingAnchor(`${name} in ${key}`);
  return found;
}

export const isMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The place of a setting is not there: the manifest is of a release whose layout nobody has seen, and would run without the setting. */
export const missingAnchor = (what: string): CpaasError =>
  new CpaasError('CALICO.MANIFEST', `Calico's manifest has no ${what.replace(/^the /, '')} where a setting belongs`, {
    evidence: [{ label: 'not found', text: what }],
    next: [{ label: 'take a release of Calico that this cpaas knows: spec.calico.version' }],
  });
