import { isDeepStrictEqual as same } from 'node:util';
import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import type { Command, ElementChange, Seen } from '../../core/step.ts';
import { type CalicoObject, isOurs, readBgp } from '../../kube/calico-objects.ts';
import { CalicoPlace, calicoPlaceId, put, remove, send } from '../../kube/calico-write.ts';
import { goDuration, secondsOf } from '../../kube/go-duration.ts';
import { peerAddressOf } from '../../kube/peer-address.ts';
import { parseAsn } from '../../net/asn.ts';

const Peer = z.strictObject({ name: z.string(), spec: z.record(z.string(), z.unknown()) });
export type BgpPeer = z.infer<typeof Peer>;

/** What a peer may have besides its address and AS. */
export interface PeerExtras {
  /** Names of BGPFilters. */
  readonly filters?: readonly string[];
  readonly password?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
  /** Seconds that the router is asked to keep a node's routes while the node starts again. */
  readonly restartTime?: number;
}

/** What calico-node asks for where a peer does not say. */
const RESTART_TIME = 120;

/** The wish for a router that every node peers with. */
export const globalPeer = (
  name: string,
  address: string,
  asNumber: number,
  { filters = [], password, restartTime = RESTART_TIME }: PeerExtras = {},
): readonly [string, BgpPeer] => [
  address,
  {
    name,
    spec: {
      peerIP: address,
      asNumber,
      ...(filters.length > 0 ? { filters: [...filters] } : {}),
      ...(password ? { password } : {}),
      ...(restartTime === RESTART_TIME ? {} : { maxRestartTime: goDuration(restartTime) }),
    },
  },
];

/**
 * Routers that every node peers with, by address. A peer of single nodes is other people's; at an address and port that are asked for it
 * is in the way: Calico drops it for a peer of all nodes, and its sessions would become ours. One with our labels is ours, and drifted.
 */
export const calicoBgpPeers = defineStep<CalicoPlace, BgpPeer>({
  kind: 'calico.bgp-peers',
  place: CalicoPlace,
  value: Peer,
  undo: 'down',
  id: calicoPlaceId,
  title: () => 'BGP peers',
  host: ({ kube }) => kube.host,
  within: ({ within }) => within,
  describe: ({ key, from, to }) => {
    const peer = to ?? from;
    const numbers = [...new Set([from, to].flatMap(asOf))];
    return [`BGPPeer ${peer?.name}: ${key} in AS ${numbers.join(' → ')}`, ...(from && to ? others(from, to) : [])].join(
      ', ',
    );
  },
  risk: ({ key, from, to }) =>
    from
      ? { risk: 'disruptive', why: `the sessions of all nodes with ${key} ${to ? 'start again' : 'end'}` }
      : { risk: 'additive' },

  claim(key, seen, want, ours) {
    if (!seen) return 'take';
    const { name, spec } = seen.value;
    const which = someNodes(spec);
    if (which !== undefined && !ours)
      return {
        conflict: `BGPPeer ${name} for ${key} is somebody else's and of ${which}: Calico would drop it for a peer of all nodes`,
      };
    // The name of a peer means nothing to BGP: another one is no reason to end its sessions.
    if (
      Object.entries(want.spec).every(([field, value]) => same(spec[field], value)) &&
      (!ours || same(spec, want.spec))
    )
      return 'leave';
    if (ours) return 'take';
    const differs = Object.keys(want.spec).filter((field) => !same(spec[field], want.spec[field]));
    const words = differs.map((field) => `${field} ${shown(spec[field])} instead of ${shown(want.spec[field])}`);
    return { conflict: `BGPPeer ${name} for ${key} is somebody else's and has ${words.join(', ')}` };
  },

  async read(ctx, { kube, cluster, api }, keys) {
    const peers = (await readBgp(ctx, kube, api, 'BGPPeer')).filter(isOfAddress);
    const seen = new Map<string, Seen<BgpPeer>>();
    const note = (mark: 'ours' | 'other', objects: readonly CalicoObject[]): void => {
      for (const { name, spec } of objects) {
        const { address, peerIP } = peerAddressOf(String(spec['peerIP']));
        if (mark === 'other' && (!keys.has(address) || (seen.has(address) && peerIP !== address))) continue;
        seen.set(address, { value: { name, spec: normal({ ...spec, peerIP }) }, mark });
      }
    };
    // Ours last: where both peer with one address, it is ours that we manage. Of several the one that Calico takes: of all nodes before
    // those of some, and at BGP's own port. It takes both where a peer of some is at another port.
    const [ours, others] = partition(peers, (object) => isOurs(object, cluster));
    const [oursOfSome, oursOfAll] = partition(ours, ({ spec }) => someNodes(spec) !== undefined);
    const [ofSome, ofAll] = partition(others, ({ spec }) => someNodes(spec) !== undefined);
    note(
      'other',
      ofSome.filter(({ spec }) => hasBgpPort(spec)),
    );
    note('other', ofAll);
    note('ours', oursOfSome);
    note('ours', oursOfAll);
    return seen;
  },

  commands,
  write: (ctx, place, changes) => send(ctx, place, commands(place, changes)),
});

/** A peer under a new name is made after the old one is gone: Calico takes two for one address as two sessions. */
function commands(place: CalicoPlace, changes: readonly ElementChange<BgpPeer>[]): readonly Command[] {
  const renamed = ({ from, to }: ElementChange<BgpPeer>) => from !== undefined && from.name !== to?.name;
  const objects = (which: (change: ElementChange<BgpPeer>) => boolean) =>
    changes.filter(which).flatMap(({ to }) => (to ? [{ kind: 'BGPPeer' as const, ...to }] : []));
  return [
    ...remove(
      'BGPPeer',
      place,
      changes.filter(renamed).flatMap(({ from }) => (from ? [from.name] : [])),
    ),
    ...put(
      'create',
      place,
      objects((change) => !change.from || renamed(change)),
    ),
    ...put(
      'replace',
      place,
      objects((change) => change.from !== undefined && !renamed(change)),
    ),
  ];
}

const isOfAddress = ({ spec }: CalicoObject): boolean =>
  ['peerSelector', 'localWorkloadSelector'].every((field) => !spec[field]) && typeof spec['peerIP'] === 'string';

/** Whether a peer is at the port that ours are at. */
function hasBgpPort({ peerIP }: BgpPeer['spec']): boolean {
  const at = peerAddressOf(String(peerIP));
  return at.peerIP === at.address;
}

/** The nodes that a peer is of, in words; nothing where it is of all of them, be it because it says so. */
function someNodes({ node, nodeSelector }: BgpPeer['spec']): string | undefined {
  if (node) return `node ${shown(node)}`;
  return nodeSelector && nodeSelector !== 'all()' ? `the nodes ${shown(nodeSelector)}` : undefined;
}

function partition<T>(all: readonly T[], is: (each: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(is), all.filter((each) => !is(each))];
}

/** AS numbers may be stored as text, plain or dotted; times as they were written, `300s`, or as Go writes them. */
function normal(spec: BgpPeer['spec']): BgpPeer['spec'] {
  const { asNumber, maxRestartTime } = spec;
  const number = typeof asNumber === 'string' || typeof asNumber === 'number' ? parseAsn(asNumber) : undefined;
  const seconds = typeof maxRestartTime === 'string' ? secondsOf(maxRestartTime) : undefined;
  return {
    ...spec,
    ...(number === undefined ? {} : { asNumber: number }),
    ...(seconds === undefined ? {} : { maxRestartTime: goDuration(seconds) }),
  };
}

/** What else of a peer becomes something else. */
const others = ({ spec: from }: BgpPeer, { spec: to }: BgpPeer): readonly string[] =>
  [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((field) => field !== 'asNumber' && !same(from[field], to[field]))
    .map((field) => `${field} ${shown(from[field])} → ${shown(to[field])}`);

const asOf = (peer: BgpPeer | undefined): readonly string[] => (peer ? [shown(peer.spec['asNumber'])] : []);
const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
