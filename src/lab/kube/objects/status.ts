import type { Fields } from './object.ts';
import type { Resource } from './resource.ts';

/** One thing that is wrong with an object, as `StatusCause`. */
export interface Cause {
  readonly field: string;
  readonly reason: 'FieldValueInvalid' | 'FieldValueRequired' | 'FieldValueForbidden' | 'FieldValueNotSupported';
  /** Text after the field: `Invalid value: 70000: must be …`. */
  readonly message: string;
}

/** The `Status` object of `meta/v1`: what the API server answers when it refuses. */
export interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: Fields;
}

/** A request the API server refuses, with the answer it gives. */
export class ApiError extends Error {
  readonly status: Status;

  constructor(status: Status) {
    super(status.message);
    this.name = 'ApiError';
    this.status = status;
  }
}

export function statusObject({ code, reason, message, details = {} }: Status): Fields {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
}

const qualified = ({ plural, group }: Resource) => (group === '' ? plural : `${plural}.${group}`);
const details = ({ plural, group }: Resource, name: string) => ({
  name,
  ...(group === '' ? {} : { group }),
  kind: plural,
});

export const notFound = (resource: Resource, name: string) =>
  new ApiError({
    code: 404,
    reason: 'NotFound',
    message: `${qualified(resource)} "${name}" not found`,
    details: details(resource, name),
  });

export const alreadyExists = (resource: Resource, name: string) =>
  new ApiError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualified(resource)} "${name}" already exists`,
    details: details(resource, name),
  });

export const conflict = (resource: Resource, name: string, why?: string) =>
  new ApiError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${
      why ?? 'the object has been modified; please apply your changes to the latest version and try again'
    }`,
    details: details(resource, name),
  });

export function invalid({ kind, group }: Pick<Resource, 'kind' | 'group'>, name: string, causes: readonly Cause[]) {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    message: `${group === '' ? kind : `${kind}.${group}`} "${name}" is invalid: ${list}`,
    details: { name, ...(group === '' ? {} : { group }), kind, causes },
  });
}

export const badRequest = (message: string) => new ApiError({ code: 400, reason: 'BadRequest', message });

export const unauthorized = () => new ApiError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });

export const noSuchPath = () =>
  new ApiError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' });

export const methodNotAllowed = () =>
  new ApiError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
  });

export const unsupportedMediaType = (accepted: readonly string[]) =>
  new ApiError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  });

/** The client watches from a version that is no longer remembered: it has to list again. */
export const expired = (asked: number, oldest: number) =>
  new ApiError({ code: 410, reason: 'Expired', message: `too old resource version: ${asked} (${oldest})` });
