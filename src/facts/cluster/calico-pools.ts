import { z } from 'zod';
import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { calicoServed } from '../../kube/calico-api.ts';
import { getObjects } from '../../kube/kubectl.ts';

/** A pool that pods get their addresses from. */
export interface CalicoPool {
  readonly cidr: string;
  /** Prefix length of a node's blocks. */
  readonly blockSize: number;
}

const Pool = z.object({ cidr: z.string(), blockSize: z.number().default(26), disabled: z.boolean().default(false) });

/** Calico's pools that are in use. They are there once its first node has started. */
export const calicoPools = (access: KubeAccess): Fact<readonly CalicoPool[]> => ({
  name: `calico-pools ${apiId(access)}`,
  async read(ctx, facts) {
    const { ipam } = await facts.get(calicoServed(access));
    const objects = await getObjects(ctx, access, `ippools.${ipam}`);
    return objects.map((object) => Pool.parse(object['spec'])).filter(({ disabled }) => !disabled);
  },
});
