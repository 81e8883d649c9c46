import { createHash } from 'node:crypto';
import type { Draft } from '../../kube/objects/object.ts';
import { timestamp } from '../../kube/objects/object.ts';
import { KUBERNETES_VERSION } from '../../kube/version.ts';
import type { LabNode, LabSpec } from '../../spec.ts';

/** Label value that marks the nodes of the lab: nobody else's are taken away. */
export const INSTANCE_TYPE = 'lab';

/** A Node as its kubelet and calico-node register it. */
export function nodeDraft({ name, role, address }: LabNode, spec: LabSpec): Draft {
  const [, prefix] = spec.nodeNetwork.split('/');
  const roles = role === 'server' ? { 'node-role.kubernetes.io/control-plane': 'true' } : {};
  return {
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': INSTANCE_TYPE,
        ...roles,
      },
      annotations: {
        'projectcalico.org/IPv4Address': `${address}/${prefix}`,
        'projectcalico.org/Interfaces': JSON.stringify([{ name: 'eth0', addresses: [address] }]),
      },
    },
    spec: { providerID: `lab://${spec.name}/${name}` },
    status: {
      addresses: [
        { address, type: 'InternalIP' },
        { address: name, type: 'Hostname' },
      ],
      allocatable: { cpu: '2', memory: '4Gi', pods: '110' },
      capacity: { cpu: '2', memory: '4Gi', pods: '110' },
      conditions: [
        nodeCondition('NetworkUnavailable', 'False', 'CalicoIsUp', 'Calico is running on this node'),
        nodeCondition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
      ],
      nodeInfo: {
        architecture: 'amd64',
        containerRuntimeVersion: 'netns://1',
        kernelVersion: 'lab',
        kubeProxyVersion: KUBERNETES_VERSION,
        kubeletVersion: KUBERNETES_VERSION,
        operatingSystem: 'linux',
        osImage: 'network namespace',
      },
    },
  };
}

function nodeCondition(type: string, status: string, reason: string, message: string) {
  const now = timestamp();
  return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime: now };
}

export const NODE_POD_LABELS = {
  'k8s-app': 'calico-node',
  'controller-revision-hash': 'lab',
  'pod-template-generation': '1',
};

/** Five characters that are a node's own: a new supervisor finds the pod that the one before it made. */
const five = (text: string) =>
  [...createHash('sha256').update(text).digest().subarray(0, 5)]
    .map((byte) => 'bcdfghjklmnpqrstvwxz2456789'[byte % 27])
    .join('');

const nodePodName = (node: string) => `calico-node-${five(node)}`;

export function nodePodDraft({ name }: LabNode, { calicoVersion }: LabSpec, daemonSetUid: string): Draft {
  return {
    metadata: {
      name: nodePodName(name),
      generateName: 'calico-node-',
      labels: NODE_POD_LABELS,
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'calico-node', uid: daemonSetUid, controller: true },
      ],
    },
    spec: {
      nodeName: name,
      hostNetwork: true,
      containers: [{ name: 'calico-node', image: `quay.io/calico/node:${calicoVersion}` }],
      serviceAccountName: 'calico-node',
      tolerations: [{ operator: 'Exists' }],
    },
  };
}

/** The pod that every node of a lab begins with. */
export const webPodDraft = ({ name }: LabNode): Draft => ({
  metadata: { name: `web-${name}`, labels: { app: 'web' } },
  spec: {
    nodeName: name,
    containers: [{ name: 'echo', image: 'lab/echo', ports: [{ containerPort: 8080, protocol: 'TCP' }] }],
  },
});
