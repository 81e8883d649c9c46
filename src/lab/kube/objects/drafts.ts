import { randomBytes } from 'node:crypto';
import { type Draft, isFields, type KubeObject } from './object.ts';
import { apiVersion, type Resource } from './resource.ts';
import { badRequest } from './status.ts';

export const typeOf = (resource: Resource) => ({ apiVersion: apiVersion(resource), kind: resource.kind });

/** @throws ApiError 400 when the body is no object with metadata, or of another kind */
export function asDraft(resource: Resource, body: unknown): Draft {
  if (!isFields(body)) throw badRequest('the object provided is unrecognized (must be of type object)');
  const expected = typeOf(resource);
  for (const field of ['apiVersion', 'kind'] as const) {
    const found = body[field] ?? expected[field];
    if (found !== expected[field]) {
      throw badRequest(
        `the API version in the data (${body['apiVersion']}, Kind=${body['kind']}) does not match the expected API version (${expected.apiVersion}, Kind=${expected.kind})`,
      );
    }
  }
  const metadata = body['metadata'] ?? {};
  if (!isFields(metadata)) throw badRequest('metadata must be an object');
  return { ...body, metadata } as Draft;
}

/** What of the draft counts: the status on its own subresource only, and never what the server decides. */
export function replaced(
  resource: Resource,
  old: KubeObject,
  draft: Draft,
  subresource: string | undefined,
): KubeObject {
  const split = resource.subresources?.includes('status') ?? false;
  const { uid, creationTimestamp, generation, namespace, resourceVersion } = old.metadata;
  const kept = { uid, creationTimestamp, generation, namespace, resourceVersion, name: old.metadata.name };
  const decided = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
  if (split && subresource === 'status') return { ...old, status: draft['status'] };
  const metadata = { ...withoutManagedFields(draft.metadata), ...decided, name: old.metadata.name };
  const { status: drafted, ...rest } = draft;
  const status = split ? old['status'] : drafted;
  return { ...rest, ...typeOf(resource), metadata, ...(status === undefined ? {} : { status }) };
}

/** What is not kept here. */
export const withoutManagedFields = ({ managedFields, selfLink, ...metadata }: Draft['metadata']) => metadata;

/** Five characters as Kubernetes appends to a generateName. */
export const suffix = () => {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  return [...randomBytes(5)].map((byte) => alphabet[byte % alphabet.length]).join('');
};
