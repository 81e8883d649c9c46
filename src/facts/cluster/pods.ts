import { z } from 'zod';
import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import type { KubeObject } from '../../kube/kubectl.ts';
import { pagesOf } from '../../kube/pages.ts';
import { isIpv6 } from '../../net/cidr.ts';

/** A running pod with an address of the pod network. */
export interface ClusterPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** Of IPv4: that of a pod with two is not always its first. */
  readonly address: string;
}

const Pod = z.object({
  spec: z.object({ hostNetwork: z.boolean().optional(), nodeName: z.string().optional() }),
  status: z
    .object({
      podIP: z.string().optional(),
      podIPs: z.array(z.object({ ip: z.string() })).optional(),
      phase: z.string().optional(),
    })
    .optional(),
});

/** The pods that a router can reach by their own address. Those of the host's network have none. */
export const pods = (access: KubeAccess): Fact<readonly ClusterPod[]> => ({
  name: `pods of the pod network ${apiId(access)}`,
  async read(ctx) {
    const found: ClusterPod[] = [];
    for await (const { items } of pagesOf(ctx, access, '/api/v1/pods')) found.push(...items.flatMap(reachable));
    return found;
  },
});

function reachable({ metadata: { namespace = '', name }, ...object }: KubeObject): readonly ClusterPod[] {
  const { spec, status: { podIP, podIPs, phase } = {} } = Pod.parse(object);
  const addresses = podIPs?.map(({ ip }) => ip) ?? (podIP ? [podIP] : []);
  const address = addresses.find((each) => !isIpv6(each));
  const { hostNetwork, nodeName: node } = spec;
  return hostNetwork || !node || !address || phase !== 'Running' ? [] : [{ namespace, name, node, address }];
}
