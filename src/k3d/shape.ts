import { z } from 'zod';

/** What Calico was installed with: its pool is made of these once, and its release is the manifest's. */
export const CalicoInstall = z.strictObject({
  version: z.string(),
  /** CIDR of the pool. */
  pods: z.string(),
  blockSize: z.number().int(),
  encapsulation: z.enum(['None', 'IPIP', 'VXLAN', 'IPIPCrossSubnet', 'VXLANCrossSubnet']),
  natOutgoing: z.boolean(),
});
export type CalicoInstall = z.infer<typeof CalicoInstall>;

/** What cannot be changed in a cluster that runs. */
export const ClusterShape = z.strictObject({
  image: z.string(),
  servers: z.number().int(),
  /** Of `k3s server`, as k3d was given them, without what it adds. */
  args: z.array(z.string()),
  /** Names and addresses in the API server's certificate that were asked for. */
  tlsSans: z.array(z.string()),
  /** Nothing where somebody made the cluster without cpaas. */
  calico: CalicoInstall.optional(),
});
export type ClusterShape = z.infer<typeof ClusterShape>;
