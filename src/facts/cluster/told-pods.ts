import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { contains } from '../../net/cidr.ts';
import { joinedNodes } from './joined-nodes.ts';
import { podBlocks } from './pod-blocks.ts';
import { type ClusterPod, pods } from './pods.ts';

/** A node, and a pod there that routers should reach. */
export interface ToldPod {
  readonly node: string;
  readonly pod?: ClusterPod;
  /** Pods are there, of pools that no router is told of. */
  readonly quiet: boolean;
}

/** For each node that the file speaks of one running pod with an address that routers are told of, where there is one. */
export const toldPods = (access: KubeAccess, names?: readonly string[]): Fact<readonly ToldPod[]> => ({
  name: `told pods ${apiId(access)} ${names?.join(' ') ?? ''}`,
  async read(_, facts) {
    const [joined, running] = await Promise.all([facts.get(joinedNodes(access, names)), facts.get(pods(access))]);
    const nodes = joined.map(({ name }) => name);
    const withheld = (await facts.get(podBlocks(access, nodes))).filter((block) => block.withheld);
    const isTold = ({ address }: ClusterPod): boolean => !withheld.some(({ cidr }) => contains(cidr, address));
    return nodes.map((node) => {
      const there = running.filter((each) => each.node === node);
      const pod = there.find(isTold);
      return { node, ...(pod ? { pod } : {}), quiet: there.length > 0 };
    });
  },
});
