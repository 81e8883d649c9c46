import { blockCount, blocks } from '../../../net/cidr.ts';

/**
 * Networks of a pool's block size in the order in which a node tries them: from one that its name decides, so that nodes rarely meet.
 * Calico seeds a random number with the same hash; which number comes out is of no interest to anybody.
 */
export function candidateBlocks(pool: string, blockSize: number, node: string): readonly string[] {
  const all = [...blocks(pool, blockSize)];
  const first = fnv1(node) % Number(blockCount(pool, blockSize));
  return [...all.slice(first), ...all.slice(0, first)];
}

/** 32-bit FNV-1. */
function fnv1(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = (Math.imul(hash, 0x01000193) ^ byte) >>> 0;
  return hash;
}
