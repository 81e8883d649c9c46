import type { AptSource } from './apt/source.ts';
import type { OsRelease } from './os-release.ts';

/** Where packages come from that no distribution has; a mirror has the same layout below it. */
export interface Publishers {
  readonly docker: string;
  readonly kubernetes: string;
}

export const PUBLISHERS: Publishers = {
  docker: 'https://download.docker.com/linux',
  kubernetes: 'https://pkgs.k8s.io',
};

/** https://docs.docker.com/engine/install/debian/, "Docker Release (CE deb)". */
const DOCKER_KEY = '9DC858229FC7DD38854AE2D88D81803C0EBFCD88';
/** https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/, "isv:kubernetes OBS Project". */
const KUBERNETES_KEY = 'DE15B14486CD377B9E876E1A234654DA9A296436';

/** Docker's packages for a Debian or Ubuntu. */
export const dockerSource = (
  { id, codename }: OsRelease,
  architecture: string,
  { docker }: Publishers = PUBLISHERS,
  fingerprint = DOCKER_KEY,
): AptSource => ({
  name: 'docker',
  uri: `${docker}/${id}`,
  suite: codename,
  components: ['stable'],
  architecture,
  keyUrl: `${docker}/${id}/gpg`,
  fingerprint,
});

/** The packages of one minor of Kubernetes: `1.35`. Another minor is another source. */
export const kubernetesSource = (
  minor: string,
  architecture: string,
  { kubernetes }: Publishers = PUBLISHERS,
  fingerprint = KUBERNETES_KEY,
): AptSource => ({
  name: 'kubernetes',
  uri: `${kubernetes}/core:/stable:/v${minor}/deb/`,
  suite: '/',
  components: [],
  architecture,
  keyUrl: `${kubernetes}/core:/stable:/v${minor}/deb/Release.key`,
  fingerprint,
});

/** As Docker's packages of an engine are numbered: `5:29.7.2-1~debian.12~bookworm`. */
export const dockerPackageVersion = (release: string, { id, version, codename }: OsRelease): string =>
  `5:${release}-1~${id}.${version}~${codename}`;

/** As the packages of Kubernetes are numbered: `1.35.8-1.1`. */
export const kubernetesPackageVersion = (release: string): string => `${release.replace(/^v/, '')}-1.1`;
