import { AGE, condition, DEFAULT_COLUMNS, field, NAME, text } from './objects/columns.ts';
import { at, isFields, type KubeObject } from './objects/object.ts';
import type { Column, Resource } from './objects/resource.ts';
import { admitPod } from './pods.ts';

const pass = (object: KubeObject) => object;

const native = (resource: Pick<Resource, 'kind' | 'plural' | 'singular'> & Partial<Resource>): Resource => ({
  group: '',
  version: 'v1',
  namespaced: true,
  strategicMerge: true,
  versionedUpdates: false,
  admit: pass,
  ...resource,
});

const count = (value: unknown) => (isFields(value) ? Object.keys(value).length : 0);

const ROLE = 'node-role.kubernetes.io/';
const roles = ({ metadata: { labels = {} } }: KubeObject) =>
  text(
    Object.keys(labels)
      .filter((label) => label.startsWith(ROLE))
      .map((label) => label.slice(ROLE.length))
      .sort()
      .join(','),
  );

const nodeAddress = (object: KubeObject, type: string) => {
  const addresses = at(object, 'status', 'addresses');
  const found = Array.isArray(addresses) ? addresses.find((item) => at(item, 'type') === type) : undefined;
  return text(at(found, 'address'));
};

const nodeColumns: readonly Column[] = [
  NAME,
  {
    name: 'Status',
    value: (node) => {
      const ready = condition(node, 'Ready');
      const status = ready === undefined ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady';
      return at(node, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status;
    },
  },
  { name: 'Roles', value: roles },
  AGE,
  field('Version', 'status', 'nodeInfo', 'kubeletVersion'),
  { name: 'Internal-IP', wide: true, value: (node) => nodeAddress(node, 'InternalIP') },
  { name: 'External-IP', wide: true, value: (node) => nodeAddress(node, 'ExternalIP') },
  { ...field('OS-Image', 'status', 'nodeInfo', 'osImage'), wide: true },
  { ...field('Kernel-Version', 'status', 'nodeInfo', 'kernelVersion'), wide: true },
  { ...field('Container-Runtime', 'status', 'nodeInfo', 'containerRuntimeVersion'), wide: true },
];

const podColumns: readonly Column[] = [
  NAME,
  {
    name: 'Ready',
    value: (pod) => {
      const statuses = at(pod, 'status', 'containerStatuses');
      const ready = Array.isArray(statuses) ? statuses.filter((status) => at(status, 'ready') === true).length : 0;
      const containers = at(pod, 'spec', 'containers');
      return `${ready}/${Array.isArray(containers) ? containers.length : 0}`;
    },
  },
  field('Status', 'status', 'phase'),
  { name: 'Restarts', value: () => '0' },
  AGE,
  { name: 'IP', wide: true, value: (pod) => text(at(pod, 'status', 'podIP')) },
  { name: 'Node', wide: true, value: (pod) => text(at(pod, 'spec', 'nodeName')) },
  { name: 'Nominated Node', wide: true, value: () => '<none>' },
  { name: 'Readiness Gates', wide: true, value: () => '<none>' },
];

function admitNamespace(object: KubeObject): KubeObject {
  const { name, labels } = object.metadata;
  const metadata = { ...object.metadata, labels: { ...labels, 'kubernetes.io/metadata.name': name } };
  return { ...object, metadata, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } };
}

function admitSecret({ stringData, ...object }: KubeObject): KubeObject {
  const texts = isFields(stringData) ? stringData : {};
  const encoded = Object.fromEntries(
    Object.entries(texts).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]),
  );
  const data = { ...(isFields(object['data']) ? object['data'] : {}), ...encoded };
  return { type: 'Opaque', ...object, ...(Object.keys(data).length > 0 && { data }) } as unknown as KubeObject;
}

const RBAC = 'rbac.authorization.k8s.io';

/** The kinds of Kubernetes itself that the lab serves. */
export const CORE_KINDS: readonly Resource[] = [
  native({
    kind: 'Namespace',
    plural: 'namespaces',
    singular: 'namespace',
    shortNames: ['ns'],
    namespaced: false,
    columns: [NAME, field('Status', 'status', 'phase'), AGE],
    admit: admitNamespace,
  }),
  native({
    kind: 'Node',
    plural: 'nodes',
    singular: 'node',
    shortNames: ['no'],
    namespaced: false,
    subresources: ['status'],
    columns: nodeColumns,
  }),
  native({
    kind: 'Pod',
    plural: 'pods',
    singular: 'pod',
    shortNames: ['po'],
    subresources: ['status', 'exec'],
    columns: podColumns,
    admit: admitPod,
  }),
  native({
    kind: 'ConfigMap',
    plural: 'configmaps',
    singular: 'configmap',
    shortNames: ['cm'],
    columns: [NAME, { name: 'Data', type: 'integer', value: (map) => count(map['data']) }, AGE],
  }),
  native({
    kind: 'Secret',
    plural: 'secrets',
    singular: 'secret',
    columns: [
      NAME,
      field('Type', 'type'),
      { name: 'Data', type: 'integer', value: (secret) => count(secret['data']) },
      AGE,
    ],
    admit: admitSecret,
  }),
  native({ kind: 'ServiceAccount', plural: 'serviceaccounts', singular: 'serviceaccount', shortNames: ['sa'] }),
  native({
    kind: 'Service',
    plural: 'services',
    singular: 'service',
    shortNames: ['svc'],
    columns: [NAME, field('Type', 'spec', 'type'), field('Cluster-IP', 'spec', 'clusterIP'), AGE],
  }),
  native({ kind: 'Event', plural: 'events', singular: 'event', shortNames: ['ev'], columns: DEFAULT_COLUMNS }),
  native({ group: RBAC, kind: 'Role', plural: 'roles', singular: 'role' }),
  native({ group: RBAC, kind: 'RoleBinding', plural: 'rolebindings', singular: 'rolebinding' }),
  native({
    group: 'apps',
    kind: 'DaemonSet',
    plural: 'daemonsets',
    singular: 'daemonset',
    shortNames: ['ds'],
    subresources: ['status'],
    columns: [
      NAME,
      { name: 'Desired', type: 'integer', value: (set) => Number(at(set, 'status', 'desiredNumberScheduled') ?? 0) },
      { name: 'Current', type: 'integer', value: (set) => Number(at(set, 'status', 'currentNumberScheduled') ?? 0) },
      { name: 'Ready', type: 'integer', value: (set) => Number(at(set, 'status', 'numberReady') ?? 0) },
      AGE,
    ],
  }),
];
