import { z } from 'zod';
import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { calicoNodeObjects } from './objects.ts';

/** A pod of Calico's DaemonSet. */
export interface CalicoNodePod {
  readonly node: string;
  readonly ready: boolean;
}

const Pod = z.object({
  spec: z.object({ nodeName: z.string().default('') }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) }).optional(),
});

export const calicoNodePods = (access: KubeAccess): Fact<readonly CalicoNodePod[]> => ({
  name: `calico-node pods ${apiId(access)}`,
  async read(_, facts) {
    const pods = await facts.get(calicoNodeObjects(access));
    return pods.map((object) => {
      const { spec, status } = Pod.parse(object);
      const ready = status?.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
      return { node: spec.nodeName, ready };
    });
  },
});
