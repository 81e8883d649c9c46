import fc from 'fast-check';
import { expect, test } from 'vitest';
import { affinityDraft, affinityName } from '../../../src/lab/calico/ipam/affinity.ts';
import {
  addressAt,
  allocate,
  allocationsOf,
  emptyBlock,
  ordinalOf,
  readBlock,
  release,
} from '../../../src/lab/calico/ipam/block.ts';
import { candidateBlocks } from '../../../src/lab/calico/ipam/choice.ts';
import type { KubeObject } from '../../../src/lab/kube/objects/object.ts';
import { capture, withCaptures } from '../../helpers/captures.ts';

const owner = (handle: string) => ({ namespace: 'default', pod: handle, node: 'n1', handle });

test('an address that was given back is given out again last', () => {
  const first = allocate(emptyBlock('10.53.0.0/30', 'n1'), 0, owner('a'), 'now');
  const freed = release(first, (handle) => handle === 'a');
  expect(freed.unallocated).toEqual([1, 2, 3, 0]);
  expect(freed.attributes).toEqual([]);
});

test('any history of giving and taking leaves every address either free or with its owner', () => {
  const act = fc.record({ handle: fc.constantFrom('a', 'b', 'c', 'd', 'e'), ordinal: fc.nat(7), give: fc.boolean() });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
      const held = new Map<number, string>();
      let block = emptyBlock('10.53.0.0/29', 'n1');
      for (const { handle, ordinal, give } of acts) {
        if (give && !held.has(ordinal)) {
          block = allocate(block, ordinal, owner(handle), 'now');
          held.set(ordinal, handle);
        } else if (!give) {
          block = release(block, (each) => each === handle);
          for (const [key, value] of [...held]) if (value === handle) held.delete(key);
        }
      }
      expect(new Map(allocationsOf(block).map(({ ordinal, handle }) => [ordinal, handle]))).toEqual(
        new Map([...held].sort(([a], [b]) => a - b)),
      );
      expect([...block.unallocated, ...held.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }),
  );
});

test('addresses and their places in a block belong together', () => {
  const block = emptyBlock('10.53.30.64/26', 'n1');
  expect([addressAt(block, 5), ordinalOf(block, '10.53.30.69'), ordinalOf(block, '10.53.30.128')]).toEqual([
    '10.53.30.69',
    5,
    undefined,
  ]);
});

const firstOf = (node: string) => candidateBlocks('10.53.0.0/16', 26, node).next().value;

test('nodes begin at different places of a pool, and each at the same one every time', () => {
  const firsts = ['n1', 'n2', 'n3', 'n4'].map((node) => firstOf(node));
  expect(new Set(firsts).size).toBe(4);
  expect(firstOf('n1')).toBe(firsts[0]);
});

test('a pool is tried whole', () => {
  expect([...candidateBlocks('10.53.0.0/24', 26, 'n1')].sort()).toEqual([
    '10.53.0.0/26',
    '10.53.0.128/26',
    '10.53.0.192/26',
    '10.53.0.64/26',
  ]);
});

test('a long name of an affinity is cut and told apart by a hash', () => {
  const names = ['a', 'b'].map((end) => affinityName('n'.repeat(250) + end, '10.53.0.0/26'));
  expect(names.map((name) => name.length)).toEqual([252, 252]);
  expect(names[0]).not.toBe(names[1]);
});

withCaptures('affinities look as those of a real cluster', () => {
  const real = JSON.parse(capture('blockaffinities.json')).items[0] as KubeObject;
  const made = affinityDraft('k3d-real-agent-1', '10.53.246.64/26', 'confirmed');
  const { name, labels, annotations } = real.metadata;
  expect(made).toEqual({ metadata: { name, labels, annotations }, spec: real['spec'] });
});

withCaptures('blocks of a real cluster are read, and say whose their addresses are', () => {
  const [real] = JSON.parse(capture('ipamblocks.json')).items as readonly KubeObject[];
  const block = real && readBlock(real);
  expect(block && allocationsOf(block).map(({ ordinal }) => addressAt(block, ordinal))).toEqual(['10.53.30.65']);
});
