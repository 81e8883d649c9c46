import type { KubeAccess } from './access.ts';

/**
 * A calicoctl command line for a cluster. It takes the kubeconfig from the environment, which also outdoes a calicoctl.cfg that
 * somebody keeps on the host.
 */
export const calicoctl = ({ kubeconfig, context }: KubeAccess, ...args: readonly string[]): readonly string[] => [
  'env',
  'DATASTORE_TYPE=kubernetes',
  `KUBECONFIG=${kubeconfig}`,
  'calicoctl',
  ...args,
  ...(context === undefined ? [] : [`--context=${context}`]),
];
