import { z } from 'zod';

/** Where kubectl runs and what it is given. `kubeconfig` is a path on that host. */
export const KubeAccess = z.strictObject({
  host: z.string(),
  kubeconfig: z.string(),
  context: z.string().optional(),
});
export type KubeAccess = z.infer<typeof KubeAccess>;

/** One way to a cluster's API, in a word, for the names of facts. Another kubeconfig may lead to the same cluster. */
export const apiId = ({ host, kubeconfig, context }: KubeAccess): string =>
  [host, kubeconfig, context].filter(Boolean).join(':');
