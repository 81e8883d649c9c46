import { contains, networkOf } from '../../../net/cidr.ts';
import type { Client } from '../../kube/client.ts';
import { at, type KubeObject, timestamp } from '../../kube/objects/object.ts';
import { affinityDraft, affinityName } from './affinity.ts';
import {
  addressAt,
  allocate,
  allocationsOf,
  type BlockSpec,
  blockName,
  emptyBlock,
  type Owner,
  ordinalOf,
  readBlock,
  release,
} from './block.ts';
import { candidateBlocks } from './choice.ts';

const GROUP = '/apis/crd.projectcalico.org/v1';
const BLOCKS = `${GROUP}/ipamblocks`;
const AFFINITIES = `${GROUP}/blockaffinities`;
const HANDLES = `${GROUP}/ipamhandles`;

interface IpPool {
  readonly cidr: string;
  readonly blockSize: number;
}

/** Addresses as Calico's IPAM keeps them in the API. One pass of one controller works with it, then it is opened anew. */
export interface Ipam {
  /** Gives a pod an address: the one it asked for, or one of its node's blocks. Nothing when there is none to give. */
  assign(owner: Owner, requested?: string): Promise<string | undefined>;
  /** Takes back the addresses of handles that nobody holds any more. */
  releaseAllBut(handles: ReadonlySet<string>): Promise<void>;
  /** Takes from nodes that are gone what is theirs: their blocks, as far as they are empty, and their affinities. */
  releaseNodes(nodes: ReadonlySet<string>): Promise<void>;
}

export async function openIpam(client: Client): Promise<Ipam> {
  const [blockList, affinityList, poolList] = await Promise.all(
    [BLOCKS, AFFINITIES, `${GROUP}/ippools`].map((path) => client.list(path)),
  );
  const blocks = new Map(
    (blockList?.items ?? []).flatMap((object) => {
      const spec = readBlock(object);
      return spec === undefined ? [] : [[spec.cidr, { object, spec }] as const];
    }),
  );
  const affinities = new Map((affinityList?.items ?? []).map((object) => [String(at(object, 'spec', 'cidr')), object]));
  const pools = (poolList?.items ?? []).flatMap(readIpPool);

  /** The node whose block it is: only an affinity object makes it so. */
  const ownerOf = (cidr: string) => {
    const affinity = affinities.get(cidr);
    return affinity === undefined ? undefined : String(at(affinity, 'spec', 'node'));
  };

  async function write(spec: BlockSpec): Promise<void> {
    const old = blocks.get(spec.cidr)?.object;
    const metadata = { annotations: { 'projectcalico.org/metadata': '{"creationTimestamp":null}' } };
    const object =
      old === undefined
        ? await client.create(BLOCKS, { metadata: { name: blockName(spec.cidr), ...metadata }, spec })
        : await client.update(`${BLOCKS}/${old.metadata.name}`, { ...old, spec });
    if (object === undefined) throw new Error(`somebody else changed the block ${spec.cidr}`);
    blocks.set(spec.cidr, { object, spec });
  }

  /** Makes a network the node's: an affinity that is pending, the block, the affinity confirmed. */
  async function claim(cidr: string, node: string): Promise<BlockSpec> {
    await client.create(AFFINITIES, affinityDraft(node, cidr, 'pending'));
    const found = blocks.get(cidr)?.spec;
    const spec = found === undefined ? emptyBlock(cidr, node) : { ...found, affinity: `host:${node}` };
    await write(spec);
    const path = `${AFFINITIES}/${affinityName(node, cidr)}`;
    const confirmed = await client.patch(path, { spec: { state: 'confirmed' } });
    if (confirmed !== undefined) affinities.set(cidr, confirmed);
    return spec;
  }

  async function give(spec: BlockSpec, ordinal: number, owner: Owner): Promise<string> {
    await write(allocate(spec, ordinal, owner, timestamp()));
    const { handle } = owner;
    const metadata = { name: handle, annotations: { 'projectcalico.org/metadata': '{"creationTimestamp":null}' } };
    await client.create(HANDLES, { metadata, spec: { handleID: handle, block: { [spec.cidr]: 1 }, deleted: false } });
    return addressAt(spec, ordinal);
  }

  const withRoom = (cidrs: readonly string[]) =>
    cidrs.flatMap((cidr) => blocks.get(cidr)?.spec ?? []).find(({ unallocated }) => unallocated.length > 0);

  async function anyAddress(owner: Owner): Promise<string | undefined> {
    const own = [...affinities.keys()].filter((cidr) => ownerOf(cidr) === owner.node);
    const spec = withRoom(own) ?? (await claimFree(owner.node)) ?? withRoom([...blocks.keys()]);
    const ordinal = spec?.unallocated[0];
    return spec === undefined || ordinal === undefined ? undefined : give(spec, ordinal, owner);
  }

  async function claimFree(node: string): Promise<BlockSpec | undefined> {
    for (const { cidr, blockSize } of pools) {
      for (const block of candidateBlocks(cidr, blockSize, node)) {
        if (!blocks.has(block) && !affinities.has(block)) return claim(block, node);
      }
    }
    return undefined;
  }

  async function thisAddress(owner: Owner, address: string): Promise<string | undefined> {
    const pool = pools.find(({ cidr }) => contains(cidr, `${address}/32`));
    if (pool === undefined) return undefined;
    const cidr = networkOf(address, pool.blockSize);
    // Nobody's block becomes the node's; out of somebody else's the address is borrowed.
    const spec = ownerOf(cidr) === undefined ? await claim(cidr, owner.node) : blocks.get(cidr)?.spec;
    const ordinal = spec && ordinalOf(spec, address);
    if (spec === undefined || ordinal === undefined || !spec.unallocated.includes(ordinal)) return undefined;
    return give(spec, ordinal, owner);
  }

  return {
    assign: (owner, requested) => (requested === undefined ? anyAddress(owner) : thisAddress(owner, requested)),
    async releaseAllBut(handles) {
      for (const { spec } of [...blocks.values()]) {
        const lost = allocationsOf(spec).filter(({ handle }) => !handles.has(handle));
        if (lost.length === 0) continue;
        await write(release(spec, (handle) => handle !== undefined && !handles.has(handle)));
        await Promise.all(lost.map(({ handle }) => client.delete(`${HANDLES}/${handle}`)));
      }
    },
    async releaseNodes(nodes) {
      for (const [cidr, affinity] of [...affinities]) {
        if (!nodes.has(ownerOf(cidr) ?? '')) continue;
        const block = blocks.get(cidr);
        if (block !== undefined && allocationsOf(block.spec).length === 0) {
          await client.delete(`${BLOCKS}/${block.object.metadata.name}`);
          blocks.delete(cidr);
        } else if (block !== undefined) {
          const { affinity: _gone, ...ownerless } = block.spec;
          await write(ownerless);
        }
        await client.delete(`${AFFINITIES}/${affinity.metadata.name}`);
        affinities.delete(cidr);
      }
    },
  };
}

function readIpPool(object: KubeObject): readonly IpPool[] {
  const [cidr, blockSize, disabled] = ['cidr', 'blockSize', 'disabled'].map((key) => at(object, 'spec', key));
  if (typeof cidr !== 'string' || cidr.includes(':') || disabled === true) return [];
  return [{ cidr, blockSize: typeof blockSize === 'number' ? blockSize : 26 }];
}
