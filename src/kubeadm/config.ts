import { dump } from 'js-yaml';

/** What a cluster is from its first minute on. */
export interface ClusterConfig {
  readonly cluster: string;
  /** `v1.35.8`. */
  readonly version: string;
  /** CIDRs. */
  readonly pods: string;
  readonly services: string;
  /** `NAME:PORT` that all control planes share. */
  readonly endpoint?: string;
}

/** The node that a configuration is for. */
export interface NodeConfig {
  readonly name: string;
  readonly address: string;
  /** `unix:///run/containerd/containerd.sock`. */
  readonly criSocket: string;
}

export interface InitOptions {
  /** What the token is called that init makes, so that it can be found and deleted. */
  readonly token: string;
  /** Whether the size of the connection tracking table is not this machine's to set: it is a container. */
  readonly fixedConntrack: boolean;
}

/** How long a token lives at most, should nobody delete it. */
const TOKEN_TTL = '15m0s';
const API = 'kubeadm.k8s.io/v1beta4';

/** The file of `kubeadm init`. (v1beta4: kubeadm 1.31 and later) */
export function initConfig(cluster: ClusterConfig, node: NodeConfig, { token, fixedConntrack }: InitOptions): string {
  return documents([
    {
      apiVersion: API,
      kind: 'InitConfiguration',
      // without a token of its own kubeadm makes one that lives for a day
      bootstrapTokens: [{ description: token, ttl: TOKEN_TTL }],
      localAPIEndpoint: { advertiseAddress: node.address, bindPort: 6443 },
      nodeRegistration: registration(node),
    },
    {
      apiVersion: API,
      kind: 'ClusterConfiguration',
      clusterName: cluster.cluster,
      kubernetesVersion: cluster.version,
      networking: { podSubnet: cluster.pods, serviceSubnet: cluster.services },
      ...(cluster.endpoint === undefined ? {} : { controlPlaneEndpoint: cluster.endpoint }),
      apiServer: { certSANs: names(cluster, node) },
    },
    {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      cgroupDriver: 'systemd',
    },
    ...(fixedConntrack
      ? [
          {
            apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
            kind: 'KubeProxyConfiguration',
            // kube-proxy would try to set it, and end
            conntrack: { maxPerCore: 0, min: 0 },
          },
        ]
      : []),
  ]);
}

export interface JoinOptions {
  /** `HOST:PORT`. */
  readonly api: string;
  readonly token: string;
  readonly pin: string;
  /** For a further control plane; 64 hexadecimal digits. */
  readonly certificateKey?: string;
}

/** The file of `kubeadm join`. It holds secrets: it is handed over and never stored. */
export function joinConfig(node: NodeConfig, { api, token, pin, certificateKey }: JoinOptions): string {
  return documents([
    {
      apiVersion: API,
      kind: 'JoinConfiguration',
      discovery: { bootstrapToken: { apiServerEndpoint: api, token, caCertHashes: [pin] } },
      timeouts: { discovery: '1m0s' },
      nodeRegistration: registration(node),
      ...(certificateKey === undefined
        ? {}
        : { controlPlane: { localAPIEndpoint: { advertiseAddress: node.address, bindPort: 6443 }, certificateKey } }),
    },
  ]);
}

/** The file of the phase of `kubeadm init` that lays certificates ready, under a key. It is handed over and never stored. */
export const uploadConfig = (version: string, certificateKey: string): string =>
  documents([
    { apiVersion: API, kind: 'InitConfiguration', certificateKey },
    // without one kubeadm asks the internet which there is
    { apiVersion: API, kind: 'ClusterConfiguration', kubernetesVersion: version },
  ]);

const registration = ({ name, address, criSocket }: NodeConfig) => ({
  name,
  criSocket,
  kubeletExtraArgs: [{ name: 'node-ip', value: address }],
});

/** What the API server's certificate is for besides the cluster's own names. */
const names = ({ endpoint }: ClusterConfig, { name, address }: NodeConfig): readonly string[] => [
  ...new Set([address, name, ...(endpoint === undefined ? [] : [hostOf(endpoint)])]),
];

const hostOf = (endpoint: string): string => endpoint.replace(/:\d+$/, '');

/** Quoted where YAML would read a token as a number. */
const documents = (all: readonly object[]): string => all.map((each) => dump(each)).join('---\n');
