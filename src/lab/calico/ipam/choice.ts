import { createHash } from 'node:crypto';
import { blockCount, blocks } from '../../../net/cidr.ts';

/**
 * Networks of a pool's block size in the order in which a node tries them: from one that its name decides, so that nodes rarely meet.
 * Calico seeds a random number with such a hash; which number comes out is of no interest to anybody.
 */
export function candidateBlocks(pool: string, blockSize: number, node: string): readonly string[] {
  const all = [...blocks(pool, blockSize)];
  const first = createHash('sha256').update(node).digest().readUInt32BE() % Number(blockCount(pool, blockSize));
  return [...all.slice(first), ...all.slice(0, first)];
}
