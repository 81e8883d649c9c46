import { z } from 'zod';
import type { CalicoServed } from '../../kube/calico-api.ts';
import type { Followed } from '../../kube/follow.ts';
import { type KubeObject, partOf } from '../../kube/kubectl.ts';
import { clusterNode } from './nodes.ts';
import { borrowers, confirmed } from './pod-blocks.ts';

/**
 * What can change a route to pods: a node's address, the owner of a block, an address that another node borrows. Nothing else of these
 * objects is news, and most of what happens to them is something else: a node says every few minutes that it lives, a block changes
 * with each pod.
 */
export function routeNews({ ipam }: CalicoServed): readonly Followed[] {
  const calico = `/apis/${ipam}/${ipam === 'projectcalico.org' ? 'v3' : 'v1'}`;
  return [
    { path: '/api/v1/nodes', digest: (object) => clusterNode(object).address ?? '' },
    { path: `${calico}/blockaffinities`, digest: (object) => told(confirmed(object)) },
    { path: `${calico}/ipamblocks`, digest: (object) => told(borrowers(object, ownerOf(object))) },
  ];
}

const told = (blocks: readonly unknown[]): string => (blocks.length > 0 ? JSON.stringify(blocks) : '');

/** By the block itself; the affinity says whether that is confirmed, and is followed too. */
function ownerOf(object: KubeObject): ReadonlyMap<string, string> {
  const { affinity, cidr } = partOf(Owner, object, 'spec');
  return new Map(affinity?.startsWith('host:') ? [[cidr, affinity.slice('host:'.length)]] : []);
}

const Owner = z.object({ cidr: z.string(), affinity: z.string().nullish() });
