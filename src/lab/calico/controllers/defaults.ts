import { randomUUID } from 'node:crypto';
import type { Client } from '../../kube/client.ts';
import { type Draft, type KubeObject, timestamp } from '../../kube/objects/object.ts';
import type { LabSpec } from '../../spec.ts';
import { toCrd } from '../metadata.ts';
import { NODE_POD_LABELS } from './objects.ts';

const CALICO = '/apis/crd.projectcalico.org/v1';
const DAEMON_SETS = '/apis/apps/v1/namespaces/kube-system/daemonsets';

/**
 * What a cluster has right after Kubernetes and Calico were installed. There is no BGPConfiguration and no BGPPeer: Calico then uses
 * AS 64512 and its mesh. Objects that exist already stay as they are.
 */
export async function createDefaults(client: Client, spec: LabSpec): Promise<void> {
  const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
  await Promise.all(namespaces.map((name) => client.create('/api/v1/namespaces', { metadata: { name } })));
  await Promise.all([
    ...calicoDefaults(spec).map(([plural, object]) => client.create(`${CALICO}/${plural}`, toCrd(object))),
    client.create('/api/v1/namespaces/kube-system/serviceaccounts', { metadata: { name: 'calico-node' } }),
    client.create('/api/v1/namespaces/default/services', kubernetesService(spec)),
    client.create(DAEMON_SETS, daemonSet(spec)),
  ]);
}

function calicoDefaults(spec: LabSpec): readonly (readonly [plural: string, object: KubeObject])[] {
  const object = (kind: string, name: string, body: object): KubeObject => {
    const metadata = { name, creationTimestamp: timestamp() };
    return { apiVersion: 'projectcalico.org/v3', kind, metadata, spec: body };
  };
  const information = {
    calicoVersion: spec.calicoVersion,
    clusterGUID: randomUUID().replaceAll('-', ''),
    clusterType: 'k8s,bgp,kdd',
    datastoreReady: true,
  };
  const pool = {
    allowedUses: ['Workload', 'Tunnel'],
    assignmentMode: 'Automatic',
    blockSize: spec.blockSize,
    cidr: spec.pods,
    ipipMode: 'Never',
    natOutgoing: spec.natOutgoing,
    nodeSelector: 'all()',
    vxlanMode: 'Never',
  };
  return [
    ['clusterinformations', object('ClusterInformation', 'default', information)],
    [
      'felixconfigurations',
      object('FelixConfiguration', 'default', { logSeverityScreen: 'Info', reportingInterval: '0s' }),
    ],
    ['ipamconfigs', object('IPAMConfig', 'default', { autoAllocateBlocks: true, strictAffinity: false })],
    ['ippools', object('IPPool', 'default-ipv4-ippool', pool)],
  ];
}

const kubernetesService = ({ services }: LabSpec): Draft => ({
  metadata: { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } },
  spec: {
    type: 'ClusterIP',
    clusterIP: services.replace(/\d+\/\d+$/, '1'),
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
  },
});

const daemonSet = ({ calicoVersion }: LabSpec): Draft => ({
  metadata: { name: 'calico-node', labels: { 'k8s-app': 'calico-node' } },
  spec: {
    selector: { matchLabels: { 'k8s-app': 'calico-node' } },
    template: {
      metadata: { labels: NODE_POD_LABELS },
      spec: {
        hostNetwork: true,
        serviceAccountName: 'calico-node',
        containers: [
          {
            name: 'calico-node',
            image: `quay.io/calico/node:${calicoVersion}`,
            env: [
              { name: 'CALICO_NETWORKING_BACKEND', value: 'bird' },
              { name: 'CALICO_IPV4POOL_IPIP', value: 'Never' },
              { name: 'CALICO_IPV4POOL_VXLAN', value: 'Never' },
              { name: 'CLUSTER_TYPE', value: 'k8s,bgp' },
            ],
          },
        ],
      },
    },
  },
});

/** Writes how many of the daemon set's pods there are. */
export async function reportDaemonSet(client: Client, nodes: number): Promise<void> {
  const status = {
    currentNumberScheduled: nodes,
    desiredNumberScheduled: nodes,
    numberAvailable: nodes,
    numberMisscheduled: 0,
    numberReady: nodes,
    updatedNumberScheduled: nodes,
  };
  await client.patch(`${DAEMON_SETS}/calico-node/status`, { status });
}

export const daemonSetUid = async (client: Client): Promise<string> =>
  (await client.get(`${DAEMON_SETS}/calico-node`))?.metadata.uid ?? '';
