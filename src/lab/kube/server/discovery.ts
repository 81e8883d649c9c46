import type { Fields } from '../objects/object.ts';
import { byGroupVersion, type Resource } from '../objects/resource.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** The documents by which a client learns what is served: `/api`, `/apis`, and the list of each group version. */
export function discoveryDocuments(resources: readonly Resource[], version: Fields): ReadonlyMap<string, Fields> {
  const versions = byGroupVersion(resources);
  const groups = [...new Set(resources.map(({ group }) => group))].filter((group) => group !== '');
  const named = groups.map((name) =>
    groupDocument(
      name,
      resources.filter(({ group }) => group === name),
    ),
  );
  return new Map<string, Fields>([
    ['/api', { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }],
    ['/apis', { kind: 'APIGroupList', apiVersion: 'v1', groups: named }],
    ...named.map((group) => [`/apis/${group.name}`, { kind: 'APIGroup', apiVersion: 'v1', ...group }] as const),
    ...[...versions].map(([groupVersion, members]) => {
      const path = groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
      return [path, resourceList(groupVersion, members)] as const;
    }),
    ['/version', version],
  ]);
}

function groupDocument(name: string, members: readonly Resource[]) {
  const versions = [...new Set(members.map(({ version }) => version))].map((version) => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  return { name, versions, preferredVersion: versions[0] };
}

function resourceList(groupVersion: string, members: readonly Resource[]): Fields {
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: members.flatMap(entries) };
}

function entries({ plural, singular, namespaced, kind, shortNames, subresources = [] }: Resource): readonly Fields[] {
  const own = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: VERBS,
    ...(shortNames && { shortNames }),
  };
  const verbsOf = { status: ['get', 'patch', 'update'], exec: ['create', 'get'] };
  const kindOf = { status: kind, exec: 'PodExecOptions' };
  return [
    own,
    ...subresources.map((subresource) => ({
      name: `${plural}/${subresource}`,
      singularName: '',
      namespaced,
      kind: kindOf[subresource],
      verbs: verbsOf[subresource],
    })),
  ];
}
