import { z } from 'zod';
import { CpaasError } from '../../core/errors.ts';
import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { calicoNodeObjects } from './objects.ts';

/** Who calico-node is: a manifest puts it into kube-system, the operator into calico-system. */
export interface CalicoAgent {
  readonly namespace: string;
  readonly account: string;
}

const Pod = z.object({ spec: z.object({ serviceAccountName: z.string().default('calico-node') }) });

/** Rejects with `FACTS.EMPTY` where no calico-node was ever started. */
export const calicoAgent = (access: KubeAccess): Fact<CalicoAgent> => ({
  name: `calico-agent ${apiId(access)}`,
  async read(_, facts) {
    const [pod] = await facts.get(calicoNodeObjects(access));
    const namespace = pod?.metadata.namespace;
    if (!pod || namespace === undefined)
      throw new CpaasError(
        'FACTS.EMPTY',
        'the cluster has no pod of calico-node: Calico is not installed, or not started',
      );
    return { namespace, account: Pod.parse(pod).spec.serviceAccountName };
  },
});
