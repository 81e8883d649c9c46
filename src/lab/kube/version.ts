import type { Fields } from './objects/object.ts';

/** Version of Kubernetes that the API server and the kubelets report: one whose clients, 1.20 to 1.34, all speak to it. */
export const KUBERNETES_VERSION = 'v1.31.2';

/** What `/version` answers. */
export const VERSION: Fields = {
  major: '1',
  minor: '31',
  gitVersion: `${KUBERNETES_VERSION}+lab`,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2024-10-22T20:28:14Z',
  goVersion: 'none',
  compiler: 'node',
  platform: 'linux/amd64',
};
