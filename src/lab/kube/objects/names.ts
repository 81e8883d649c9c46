import type { Resource } from './resource.ts';
import { invalid } from './status.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** @throws ApiError 422 in the words of Kubernetes when a name is no lower-case RFC 1123 subdomain */
export function checkName(resource: Pick<Resource, 'kind' | 'group'>, name: string): void {
  if (SUBDOMAIN.test(name) && name.length <= 253) return;
  const message =
    `Invalid value: "${name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ` +
    "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  throw invalid(resource, name, [{ field: 'metadata.name', reason: 'FieldValueInvalid', message }]);
}
