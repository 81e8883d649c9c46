import { DEFAULT_COLUMNS } from '../objects/columns.ts';
import type { Fields, KubeObject } from '../objects/object.ts';
import { apiVersion, type Resource } from '../objects/resource.ts';

/** Whether a client asked for the table that `kubectl get` prints. */
export const wantsTable = (accept: string) => {
  const [first = ''] = accept.split(',');
  return first.includes('as=Table') && first.includes('g=meta.k8s.io');
};

/** `meta.k8s.io/v1` Table; each row carries the metadata of its object, as kubectl's selectors and `-A` want it. */
export function table(
  resource: Resource,
  objects: readonly KubeObject[],
  metadata: Fields,
  includeObject = 'Metadata',
) {
  const columns = resource.columns ?? DEFAULT_COLUMNS;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ name, type = 'string', wide = false }) => ({
      name,
      type,
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: wide ? 1 : 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ value }) => value(object)),
      ...(includeObject !== 'None' && { object: includeObject === 'Object' ? object : partial(object) }),
    })),
  };
}

const partial = ({ metadata }: KubeObject) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
});

/** A list as the kind names it: `BGPPeerList`. */
export function objectList(resource: Resource, items: readonly KubeObject[], metadata: Fields): Fields {
  return { kind: `${resource.kind}List`, apiVersion: apiVersion(resource), metadata, items };
}
