import { z } from 'zod';
import { addressCount, contains, nthAddress } from '../../../net/cidr.ts';
import type { KubeObject } from '../../kube/objects/object.ts';

/** Whom an address was given to. */
export interface Owner {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  /** `k8s-pod-network.<container id>` */
  readonly handle: string;
}

const Spec = z.object({
  cidr: z.string(),
  /** `host:<node>`; gone when the block lost its node while addresses of it were in use. */
  affinity: z.string().optional(),
  /** For each address the place of its owner in `attributes`, or null. */
  allocations: z.array(z.number().nullable()),
  attributes: z.array(
    z.object({ handle_id: z.string().optional(), secondary: z.record(z.string(), z.string()).optional() }),
  ),
  /** Free addresses in the order in which they are given out. */
  unallocated: z.array(z.number()),
  sequenceNumber: z.number().optional(),
  sequenceNumberForAllocation: z.record(z.string(), z.number()).optional(),
  strictAffinity: z.boolean(),
  deleted: z.boolean().optional(),
});
export type BlockSpec = z.infer<typeof Spec>;

export const readBlock = (object: KubeObject): BlockSpec | undefined => Spec.safeParse(object['spec']).data;

/** Name of the IPAMBlock of a network: `10-53-30-64-26`. */
export const blockName = (cidr: string) => cidr.replaceAll(/[./]/g, '-');

export function emptyBlock(cidr: string, node: string): BlockSpec {
  const size = Number(addressCount(cidr));
  return {
    cidr,
    affinity: `host:${node}`,
    allocations: Array<null>(size).fill(null),
    attributes: [],
    unallocated: Array.from({ length: size }, (_, ordinal) => ordinal),
    sequenceNumber: 0,
    sequenceNumberForAllocation: {},
    strictAffinity: false,
    deleted: false,
  };
}

/** Place of an address in a block; nothing when it lies elsewhere. */
export function ordinalOf({ cidr, allocations }: BlockSpec, address: string): number | undefined {
  if (!contains(cidr, `${address}/32`)) return undefined;
  const ordinal = allocations.findIndex((_, index) => nthAddress(cidr, index) === address);
  return ordinal < 0 ? undefined : ordinal;
}

export const addressAt = ({ cidr }: BlockSpec, ordinal: number) => nthAddress(cidr, ordinal);

/** The block with an address given to somebody. */
export function allocate(block: BlockSpec, ordinal: number, { handle, ...owner }: Owner, now: string): BlockSpec {
  const attribute = { handle_id: handle, secondary: { ...owner, timestamp: now } };
  const sequence = (block.sequenceNumber ?? 0) + 1;
  return {
    ...block,
    attributes: [...block.attributes, attribute],
    allocations: block.allocations.map((taken, index) => (index === ordinal ? block.attributes.length : taken)),
    unallocated: block.unallocated.filter((free) => free !== ordinal),
    sequenceNumber: sequence,
    sequenceNumberForAllocation: { ...block.sequenceNumberForAllocation, [ordinal]: sequence - 1 },
  };
}

/** The block without the addresses that `lost` names by their handle; they are given out again last. */
export function release(block: BlockSpec, lost: (handle: string | undefined) => boolean): BlockSpec {
  const isLost = block.attributes.map(({ handle_id }) => lost(handle_id));
  if (!isLost.includes(true)) return block;
  const place = isLost.map((gone, index) => (gone ? null : isLost.slice(0, index).filter((before) => !before).length));
  const freed = block.allocations.flatMap((taken, ordinal) => (taken !== null && isLost[taken] ? [ordinal] : []));
  return {
    ...block,
    attributes: block.attributes.filter((_, index) => !isLost[index]),
    allocations: block.allocations.map((taken) => (taken === null ? null : (place[taken] ?? null))),
    unallocated: [...block.unallocated, ...freed],
    sequenceNumber: (block.sequenceNumber ?? 0) + 1,
  };
}

/** What `status.secondary` says of each address in use. */
export function allocationsOf(block: BlockSpec): readonly { readonly ordinal: number; readonly handle: string }[] {
  return block.allocations.flatMap((taken, ordinal) => {
    const handle = taken === null ? undefined : block.attributes[taken]?.handle_id;
    return handle === undefined ? [] : [{ ordinal, handle }];
  });
}
