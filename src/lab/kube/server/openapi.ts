import type { Fields } from '../objects/object.ts';
import { apiVersion, byGroupVersion, type Resource } from '../objects/resource.ts';

/**
 * `openapi.v2.Document` in protobuf with nothing but `swagger: "2.0"`: field 1, a string. kubectl before 1.27, and any kubectl where
 * v3 is missing, wants it before it applies; a kind that is not described in it is not checked by the client.
 */
export const OPENAPI_V2 = Buffer.from([0x0a, 3, ...Buffer.from('2.0')]);
export const OPENAPI_V2_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

const root = (groupVersion: string) => (groupVersion.includes('/') ? `apis/${groupVersion}` : `api/${groupVersion}`);

/**
 * OpenAPI v3 as far as kubectl 1.27 and newer reads it: that a patch of each kind takes `fieldValidation`, so that kubectl leaves
 * the search for unknown fields to the server.
 */
export function openApiV3(resources: readonly Resource[]): ReadonlyMap<string, Fields> {
  const versions = byGroupVersion(resources);
  const paths = Object.fromEntries(
    [...versions.keys()].map((groupVersion) => [
      root(groupVersion),
      { serverRelativeURL: `/openapi/v3/${root(groupVersion)}` },
    ]),
  );
  return new Map<string, Fields>([
    ['/openapi/v3', { paths }],
    ...[...versions].map(
      ([groupVersion, members]) => [`/openapi/v3/${root(groupVersion)}`, document(members)] as const,
    ),
  ]);
}

const document = (members: readonly Resource[]): Fields => ({
  openapi: '3.0.0',
  info: { title: 'Kubernetes', version: 'v1' },
  paths: Object.fromEntries(members.map((resource) => [objectPath(resource), { patch: patchOperation(resource) }])),
  components: { schemas: {} },
});

function objectPath({ plural, namespaced, ...resource }: Resource): string {
  const scope = namespaced ? '/namespaces/{namespace}' : '';
  return `/${root(apiVersion(resource))}${scope}/${plural}/{name}`;
}

const patchOperation = ({ group, version, kind }: Resource): Fields => ({
  parameters: ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string' },
  })),
  responses: {},
  'x-kubernetes-action': 'patch',
  'x-kubernetes-group-version-kind': { group, version, kind },
});
