import { dump } from 'js-yaml';
import { CpaasError } from '../core/errors.ts';
import { CALICO, OWNER } from './names.ts';
import type { ClusterShape } from './shape.ts';

/** What a k3d configuration file is made of. */
export interface K3dWish extends ClusterShape {
  readonly cluster: string;
  readonly agents: number;
  readonly network: string;
  /** Address of the machine in the server's certificate and in the kubeconfig. k3d's own, 0.0.0.0, when left out. */
  readonly apiHost?: string;
  /** Folder on the machine with archives of images, which every k3s takes in when it starts. */
  readonly images?: string;
}

/** Names of the files in one folder: k3d looks for what it copies beside its configuration. */
export const FILES = { config: 'k3d.yaml', calico: 'calico.yaml' } as const;

const SERVERS = ['server:*'];
const ALL = ['server:*', 'agent:*'];
/** Seconds: images are pulled within it. */
const TIMEOUT = '600s';

/**
 * k3d's configuration file (v1alpha5). What Calico's guide for k3d asks for, no load balancer, the user's kubeconfig left alone. Rejects
 * with `K3D.CONFIG` a dollar sign: k3d would put a variable of the environment in its place.
 */
export function k3dConfig(wish: K3dWish): string {
  const { cluster, servers, agents, image, network, args, tlsSans, apiHost, calico, images } = wish;
  const nodes = agents === 0 ? SERVERS : ALL;
  const extra = [...args, ...tlsSans.map((name) => `--tls-san=${name}`)];
  const config = {
    apiVersion: 'k3d.io/v1alpha5',
    kind: 'Simple',
    metadata: { name: cluster },
    servers,
    agents,
    image,
    network,
    ...(apiHost === undefined ? {} : { kubeAPI: { host: apiHost } }),
    ...(images === undefined
      ? {}
      : { volumes: [{ volume: `${images}:/var/lib/rancher/k3s/agent/images`, nodeFilters: nodes }] }),
    files: [
      {
        description: 'Calico',
        source: FILES.calico,
        destination: `/var/lib/rancher/k3s/server/manifests/${FILES.calico}`,
        nodeFilters: SERVERS,
      },
    ],
    options: {
      // its volume for images stays: without it k3d can neither add nodes nor start them again (EnsureToolsNode, 5.9)
      k3d: { wait: true, timeout: TIMEOUT, disableLoadbalancer: true },
      k3s: { extraArgs: extra.map((arg) => ({ arg, nodeFilters: SERVERS })) },
      kubeconfig: { updateDefaultKubeconfig: false, switchCurrentContext: false },
      runtime: {
        labels: [
          { label: `${OWNER}=${cluster}`, nodeFilters: nodes },
          { label: `${CALICO}=${JSON.stringify(calico)}`, nodeFilters: SERVERS },
        ],
      },
    },
  };
  const text = dump(config, { lineWidth: -1, noRefs: true });
  if (!text.includes('$')) return `# Made by cpaas for the cluster ${cluster}\n${text}`;
  throw new CpaasError('K3D.CONFIG', 'the configuration of k3d would have a dollar sign in it, which k3d replaces', {
    evidence: text.split('\n').flatMap((line) => (line.includes('$') ? [{ label: 'line', text: line.trim() }] : [])),
    next: [{ label: 'choose other names for provider.k3d' }],
  });
}
