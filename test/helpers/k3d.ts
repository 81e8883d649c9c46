import type { ClusterShape } from '../../src/k3d/shape.ts';

/** As `examples/k3d-bigip.yaml` asks for it. */
export const shape: ClusterShape = {
  image: 'docker.io/rancher/k3s:v1.35.5-k3s1',
  servers: 1,
  args: [
    '--flannel-backend=none',
    '--disable-network-policy',
    '--cluster-cidr=10.53.0.0/16',
    '--disable=servicelb,traefik',
  ],
  tlsSans: ['k3s.example.com'],
  calico: {
    version: 'v3.31.7',
    pods: '10.53.0.0/16',
    blockSize: 26,
    encapsulation: 'None',
    natOutgoing: true,
  },
};

export const place = {
  host: 'local',
  cluster: 'cpaas1',
  folder: '/state/cpaas1/k3d',
  kubeconfig: '/state/cpaas1/kubeconfig',
  network: 'k3d-cpaas1',
  nodes: '172.19.0.0/16',
  address: '10.10.2.10',
};

/** The least that Calico's manifest has for its settings to be put in. */
export const leastManifest = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'calico-config' },
    data: { calico_backend: 'bird', cni_network_config: '{"plugins":[{"type":"calico"}]}' },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'calico-node' },
    spec: {
      template: {
        spec: {
          initContainers: [],
          volumes: [],
          containers: [{ name: 'calico-node', env: [{ name: 'CALICO_IPV4POOL_IPIP', value: 'Always' }] }],
        },
      },
    },
  },
]
  .map((object) => JSON.stringify(object))
  .join('\n---\n');
