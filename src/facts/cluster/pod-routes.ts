import type { Fact, Facts } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import type { Family } from '../router-target.ts';
import { joinedNodes } from './joined-nodes.ts';
import { type PodBlock, podBlocks } from './pod-blocks.ts';

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
    const blocks = await ownedBlocks(access, new Map(nodes.map(({ name, address }) => [name, address])), family, facts);
    return blocks.map(({ cidr, node, address, withheld }) => ({
      ...{ prefix: cidr, node, via: address },
      ...(withheld ? { withheld } : {}),
    }));
  },
});

/** The blocks and borrowed addresses of nodes, each with its node's address. `nodes`: their addresses by name. */
export async function ownedBlocks(
  access: KubeAccess,
  nodes: ReadonlyMap<string, string>,
  family: Family,
  facts: Facts,
): Promise<readonly (PodBlock & { readonly address: string })[]> {
  const blocks = await facts.get(podBlocks(access, [...nodes.keys()], family));
  return blocks.map((block) => ({ ...block, address: nodes.get(block.node) ?? '' }));
}
