import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import type { Family } from '../router-target.ts';
import { joinedNodes } from './joined-nodes.ts';
import { podBlocks } from './pod-blocks.ts';

/** Where packets for some pods have to go. */
export interface PodRoute {
  readonly prefix: string;
  readonly node: string;
  /** The node's address. */
  readonly via: string;
  /** No router is told of it. */
  readonly withheld?: true;
}

/** One route for each block and each borrowed address of the nodes that the file speaks of. */
export const podRoutes = (
  access: KubeAccess,
  names?: readonly string[],
  family: Family = 4,
): Fact<readonly PodRoute[]> => ({
  name: `pod routes ${apiId(access)} ${names?.join(' ') ?? ''} IPv${family}`,
  async read(_, facts) {
    const nodes = await facts.get(joinedNodes(access, names, family));
    const owners = new Map(nodes.map(({ name, address }) => [name, address]));
    const blocks = await facts.get(podBlocks(access, [...owners.keys()], family));
    return blocks.map(({ cidr, node, withheld }) => ({
      ...{ prefix: cidr, node, via: owners.get(node) ?? '' },
      ...(withheld ? { withheld } : {}),
    }));
  },
});
