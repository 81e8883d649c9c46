import { z } from 'zod';
import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { podObjects } from './objects.ts';

/** A running pod with an address of the pod network. */
export interface ClusterPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly address: string;
}

const Pod = z.object({
  spec: z.object({ hostNetwork: z.boolean().optional(), nodeName: z.string().optional() }),
  status: z.object({ podIP: z.string().optional(), phase: z.string().optional() }).optional(),
});

/** The pods that a router can reach by their own address. Those of the host's network have none. */
export const pods = (access: KubeAccess): Fact<readonly ClusterPod[]> => ({
  name: `pods of the pod network ${apiId(access)}`,
  read: async (_, facts) =>
    (await facts.get(podObjects(access))).flatMap(({ metadata: { namespace = '', name }, ...object }) => {
      const { spec, status } = Pod.parse(object);
      const { nodeName: node } = spec;
      const { podIP: address, phase } = status ?? {};
      return spec.hostNetwork || !node || !address || phase !== 'Running' ? [] : [{ namespace, name, node, address }];
    }),
});
