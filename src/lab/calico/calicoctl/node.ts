import { at, type KubeObject } from '../../kube/objects/object.ts';

/** Calico's Node, made from a Node of Kubernetes. */
export function fromKubernetesNode(node: KubeObject): KubeObject {
  const { name, uid, resourceVersion, creationTimestamp, labels = {}, annotations = {} } = node.metadata;
  const own = (key: string) => annotations[`projectcalico.org/${key}`];
  const asNumber = own('ASNumber');
  const address = own('IPv4Address');
  const bgp = {
    ...(asNumber !== undefined && { asNumber: Number(asNumber) }),
    ...(address !== undefined && { ipv4Address: address }),
    ...(own('RouteReflectorClusterID') !== undefined && { routeReflectorClusterID: own('RouteReflectorClusterID') }),
  };
  const reported = at(node, 'status', 'addresses');
  const addresses = (Array.isArray(reported) ? reported : []).filter((item) => at(item, 'type') === 'InternalIP');
  return {
    kind: 'Node',
    apiVersion: 'projectcalico.org/v3',
    metadata: {
      name,
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
      labels,
      annotations: { 'projectcalico.org/kube-labels': JSON.stringify(sorted(labels)) },
    },
    spec: {
      bgp,
      orchRefs: [{ nodeName: name, orchestrator: 'k8s' }],
      addresses: [...(address === undefined ? [] : [{ address, type: 'CalicoNodeIP' }]), ...addresses],
      interfaces: JSON.parse(own('Interfaces') ?? '[]'),
    },
    status: {},
  };
}

const sorted = (record: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
