import { createHash } from 'node:crypto';
import { blockCount, nthAddress } from '../../../net/cidr.ts';

/**
 * Networks of a pool's block size, one after another in the order in which a node tries them: from one that its name decides, so that nodes rarely meet.
 * Calico seeds a random number with such a hash; which number comes out is of no interest to anybody.
 */
export function* candidateBlocks(pool: string, blockSize: number, node: string): Generator<string> {
  const count = Number(blockCount(pool, blockSize));
  const first = createHash('sha256').update(node).digest().readUInt32BE() % count;
  for (let tried = 0; tried < count; tried++) {
    const place = (first + tried) % count;
    yield `${nthAddress(pool, place * 2 ** (32 - blockSize))}/${blockSize}`;
  }
}
