import { z } from 'zod';

/**
 * Where a k3d cluster is. `folder` is on the host: the configuration as it was given to k3d, and the kubeconfig `kubeconfig`. `network`
 * is Docker's name for the network of the nodes, `nodes` its CIDR. `address`: the host's own towards the routers.
 */
export const K3dPlace = z.strictObject({
  host: z.string(),
  cluster: z.string(),
  folder: z.string(),
  kubeconfig: z.string(),
  network: z.string(),
  nodes: z.string(),
  address: z.string().optional(),
});
export type K3dPlace = z.infer<typeof K3dPlace>;
