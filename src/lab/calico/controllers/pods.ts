import { at, type KubeObject, timestamp } from '../../kube/objects/object.ts';

export const podPath = ({ metadata }: KubeObject) => `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;

const CONTAINER_ID = 'cni.projectcalico.org/containerID';

/** Name of the machine that a pod becomes: unique in the lab, while pods of two namespaces may have the same name. */
export const machineName = ({ metadata: { namespace, name } }: KubeObject) =>
  namespace === 'default' ? name : `${namespace}-${name}`;

export const nodeOf = (pod: KubeObject): string | undefined => {
  const name = at(pod, 'spec', 'nodeName');
  return typeof name === 'string' && name !== '' ? name : undefined;
};

export const usesHostNetwork = (pod: KubeObject) => at(pod, 'spec', 'hostNetwork') === true;

export const isRunning = (pod: KubeObject) => at(pod, 'status', 'phase') === 'Running';

/** Handle under which IPAM knows a pod's address; nothing before it has one. */
export const handleOf = ({ metadata: { annotations } }: KubeObject) =>
  annotations?.[CONTAINER_ID] === undefined ? undefined : handle(annotations[CONTAINER_ID]);

export const handle = (containerId: string) => `k8s-pod-network.${containerId}`;

/** Address that the CNI gave a pod. */
export const addressOf = ({ metadata: { annotations } }: KubeObject) =>
  annotations?.['cni.projectcalico.org/podIP']?.split('/')[0];

/** Address that a pod asks for with `cni.projectcalico.org/ipAddrs: '["10.53.1.2"]'`. */
export function requestedAddress({ metadata: { annotations } }: KubeObject): string | undefined {
  try {
    const [address]: unknown[] = JSON.parse(annotations?.['cni.projectcalico.org/ipAddrs'] ?? '[]');
    return typeof address === 'string' ? address : undefined;
  } catch {
    return undefined;
  }
}

/** What the CNI writes on a pod. */
export const cniPatch = (containerId: string, address: string) => ({
  metadata: {
    annotations: {
      [CONTAINER_ID]: containerId,
      'cni.projectcalico.org/podIP': `${address}/32`,
      'cni.projectcalico.org/podIPs': `${address}/32`,
    },
  },
});

/** What the kubelet writes of a pod whose containers run. */
export function runningPatch(pod: KubeObject, podIP: string, hostIP: string) {
  const now = timestamp();
  const containers = at(pod, 'spec', 'containers');
  const condition = (type: string) => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: now });
  return {
    status: {
      phase: 'Running',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
      containerStatuses: (Array.isArray(containers) ? containers : []).map((container) => ({
        name: at(container, 'name'),
        image: at(container, 'image'),
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: now } },
      })),
      hostIP,
      podIP,
      podIPs: [{ ip: podIP }],
      startTime: now,
    },
  };
}

/** What the kubelet writes of a pod that gets no address, in Calico's words. */
export const addresslessPatch = (why: string) => ({
  status: {
    phase: 'Pending',
    conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: why }],
  },
});
