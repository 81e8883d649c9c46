import { isDeepStrictEqual as same } from 'node:util';
import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import type { Command, ElementChange } from '../../core/step.ts';
import { isOurs, readBgp } from '../../kube/calico-objects.ts';
import { CalicoPlace, calicoPlaceId, put, remove, send } from '../../kube/calico-write.ts';

const Spec = z.record(z.string(), z.unknown());
export type BgpFilterSpec = z.infer<typeof Spec>;

/**
 * What a router in another AS is told: a node's own blocks only. Without it every node passes on what it learned from the mesh, all
 * with paths of equal length, and the router may send packets to the wrong node. `six`: over IPv6, too.
 */
export const ownBlocksOnly = (name: string, six = false): readonly [string, BgpFilterSpec] => [
  name,
  { exportV4: [REJECT], ...(six ? { exportV6: [REJECT] } : {}) },
];

const REJECT = { action: 'Reject', source: 'RemotePeers' } as const;

/** BGPFilters of the cluster, by name. */
export const calicoBgpFilters = defineStep<CalicoPlace, BgpFilterSpec>({
  kind: 'calico.bgp-filters',
  place: CalicoPlace,
  value: Spec,
  undo: 'down',
  id: calicoPlaceId,
  title: () => 'BGP filters',
  host: ({ kube }) => kube.host,
  within: ({ within }) => within,
  describe: ({ key }) => `BGPFilter ${key}`,
  risk: ({ key, from }) =>
    from
      ? { risk: 'disruptive', why: `routers that BGPFilter ${key} stands before are told other routes` }
      : { risk: 'additive' },
  claim: (key, seen, want, ours) =>
    !seen || ours
      ? 'take'
      : same(seen.value, want)
        ? 'leave'
        : { conflict: `BGPFilter ${key} is somebody else's and has other rules` },

  async read(ctx, { kube, cluster, api }, keys) {
    const found = await readBgp(ctx, kube, api, 'BGPFilter');
    const seen = found.map((object) => ({ ...object, mark: isOurs(object, cluster) ? 'ours' : 'other' }) as const);
    return new Map(
      seen
        .filter(({ name, mark }) => mark === 'ours' || keys.has(name))
        .map(({ name, spec, mark }) => [name, { value: spec, mark }]),
    );
  },

  commands,
  write: (ctx, place, changes) => send(ctx, place, commands(place, changes)),
});

function commands(place: CalicoPlace, changes: readonly ElementChange<BgpFilterSpec>[]): readonly Command[] {
  const wanted = changes.flatMap(({ key: name, from, to }) =>
    to ? [{ isNew: !from, kind: 'BGPFilter' as const, name, spec: to }] : [],
  );
  return [
    ...remove(
      'BGPFilter',
      place,
      changes.filter(({ to }) => !to).map(({ key }) => key),
    ),
    ...put(
      'create',
      place,
      wanted.filter(({ isNew }) => isNew),
    ),
    ...put(
      'replace',
      place,
      wanted.filter(({ isNew }) => !isNew),
    ),
  ];
}
