import { z } from 'zod';

/** Where kubectl runs and what it is given. `kubeconfig` is a path on that host. */
export const KubeAccess = z.strictObject({
  host: z.string(),
  kubeconfig: z.string(),
  context: z.string().optional(),
});
export type KubeAccess = z.infer<typeof KubeAccess>;

/** One cluster's API, in a word: part of the names of facts and of the ids of steps. */
export const apiId = ({ host, kubeconfig, context }: KubeAccess): string =>
  [host, kubeconfig, context].filter(Boolean).join(':');
