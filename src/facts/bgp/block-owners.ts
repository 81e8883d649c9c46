import type { Facts } from '../../core/facts.ts';
import type { KubeAccess } from '../../kube/access.ts';
import { joinedNodes } from '../cluster/joined-nodes.ts';
import { ownedBlocks } from '../cluster/pod-routes.ts';
import type { Family } from '../router-target.ts';

/** A block of pods, or an address that a node has borrowed, and the address of the node that answers for it. */
export interface Owned {
  readonly prefix: string;
  readonly node: string;
  readonly address: string;
  readonly borrowed: boolean;
}

/** Who owns what; and the addresses of all nodes. `perhaps`: what routers need not have learned. */
export interface Owners {
  readonly blocks: readonly Owned[];
  readonly perhaps?: readonly Owned[];
  readonly addresses: ReadonlySet<string>;
}

/** Of one family. Rejects as `joinedNodes` does. */
export async function ownersOf(
  kube: KubeAccess,
  names: readonly string[] | undefined,
  family: Family,
  facts: Facts,
): Promise<Owners> {
  const joined = await facts.get(joinedNodes(kube, names, family));
  return owners(kube, new Map(joined.map(({ name, address }) => [name, address])), family, facts);
}

/** The same of IPv6, where a node need not speak it. */
export async function ipv6Owners(
  kube: KubeAccess,
  names: readonly string[] | undefined,
  facts: Facts,
): Promise<Owners> {
  const joined = await facts.get(joinedNodes(kube, names));
  const speaking = joined.flatMap(({ name, six }) => (six === undefined ? [] : [[name, six] as const]));
  return owners(kube, new Map(speaking), 6, facts);
}

export const withBothFamilies = ({ blocks, perhaps = [], addresses }: Owners, six: Owners): Owners => ({
  blocks,
  perhaps: [...perhaps, ...six.blocks, ...(six.perhaps ?? [])],
  addresses: new Set([...addresses, ...six.addresses]),
});

/** `nodes`: their addresses by name. */
async function owners(
  kube: KubeAccess,
  nodes: ReadonlyMap<string, string>,
  family: Family,
  facts: Facts,
): Promise<Owners> {
  const blocks = await ownedBlocks(kube, nodes, family, facts);
  const owned = ({ cidr, node, address, borrowed }: (typeof blocks)[number]): Owned => ({
    prefix: cidr,
    node,
    address,
    borrowed,
  });
  return {
    blocks: blocks.filter(({ withheld }) => !withheld).map(owned),
    perhaps: blocks.filter(({ withheld }) => withheld).map(owned),
    addresses: new Set(nodes.values()),
  };
}
