import { z } from 'zod';
import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { type KubeObject, partOf } from '../../kube/kubectl.ts';
import { contains, isIpv6, nthAddress, parseNetwork } from '../../net/cidr.ts';
import type { Family } from '../router-target.ts';
import { calicoIpamObjects, ofKind } from './objects.ts';

/** Addresses of pods that a node answers for: a block of its own, or one address that it borrowed from another's block. */
export interface PodBlock {
  readonly cidr: string;
  readonly node: string;
  readonly borrowed: boolean;
  /** BIRD tells no router of it: its pool is not exported, or there is no pool any more that a borrowed address would be of. */
  readonly withheld?: true;
}

/**
 * The blocks of the nodes given, and the addresses that they borrowed, as /32 or /128. A node without a block is normal: it gets one
 * with its first pod.
 */
export const podBlocks = (
  access: KubeAccess,
  nodes: readonly string[],
  family: Family = 4,
): Fact<readonly PodBlock[]> => ({
  name: `pod-blocks ${apiId(access)} of ${[...nodes].sort().join(' ')} IPv${family}`,
  async read(_, facts) {
    const objects = await facts.get(calicoIpamObjects(access));
    const blocks = objects.filter(ofKind('BlockAffinity')).flatMap(confirmed);
    const owners = new Map(blocks.map(({ cidr, node }) => [cidr, node]));
    const borrowed = objects.filter(ofKind('IPAMBlock')).flatMap((block) => borrowers(block, owners));
    const pools = objects.filter(ofKind('IPPool')).map((object) => partOf(Pool, object, 'spec'));
    const known = new Set(nodes);
    return [...blocks, ...borrowed]
      .filter(({ node, cidr }) => known.has(node) && isIpv6(cidr) === (family === 6))
      .map((block) => (isWithheld(block, pools) ? { ...block, withheld: true } : block));
  },
});

/** It goes into the routes of a host, line by line. */
const Cidr = z.string().refine((text) => parseNetwork(text) !== undefined, 'is no network');

const Pool = z.object({ cidr: Cidr, disableBGPExport: z.boolean().default(false) });

/** As Calico's export filter decides: pools that are not exported first, then a node's own blocks, then whatever is of a pool. */
function isWithheld({ cidr, borrowed }: PodBlock, pools: readonly z.infer<typeof Pool>[]): boolean {
  const around = pools.filter((pool) => contains(pool.cidr, cidr));
  return around.some(({ disableBGPExport }) => disableBGPExport) || (borrowed && around.length === 0);
}

/** A flag that is a boolean in v3 and text in what Calico stores. */
const Flag = z.union([z.boolean(), z.enum(['true', 'false', '']).transform((text) => text === 'true')]).default(false);

const Affinity = z.object({
  cidr: Cidr,
  node: z.string(),
  state: z.string().default(''),
  type: z.string().default(''),
  deleted: Flag,
});

/** Only confirmed blocks are announced; very old ones have no state. Blocks of load balancers belong to no node. */
export function confirmed(object: KubeObject): readonly PodBlock[] {
  const { cidr, node, state, type, deleted } = partOf(Affinity, object, 'spec');
  const ofNode = (type === '' || type === 'host') && (state === '' || state === 'confirmed');
  return ofNode && !deleted ? [{ cidr, node, borrowed: false }] : [];
}

const Block = z.object({
  cidr: Cidr,
  affinity: z.string().nullish(),
  allocations: z.array(z.number().nullable()),
  attributes: z.array(
    z.object({ secondary: z.object({ node: z.string().optional(), type: z.string().optional() }).loose().nullish() }),
  ),
  deleted: Flag,
});

/** What a node itself has at its end of a tunnel is no pod's, and BIRD tells peers in its own AS nothing of it. */
const TUNNEL = /TunnelAddress$/;

/** An address whose user is not the node that its block is confirmed for, by `owners`; the user announces it by itself. */
export function borrowers(object: KubeObject, owners: ReadonlyMap<string, string>): readonly PodBlock[] {
  const { cidr, affinity, allocations, attributes, deleted } = partOf(Block, object, 'spec');
  if (deleted || affinity?.startsWith('virtual:')) return [];
  const own = isIpv6(cidr) ? 128 : 32;
  const owner = owners.get(cidr);
  return allocations.flatMap((attribute, at) => {
    const { node, type = '' } = (attribute === null ? undefined : attributes[attribute]?.secondary) ?? {};
    return !node || node === owner || TUNNEL.test(type)
      ? []
      : [{ cidr: `${nthAddress(cidr, at)}/${own}`, node, borrowed: true }];
  });
}
