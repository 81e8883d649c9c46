import type { Wanted } from '../../../core/step.ts';
import { isIpv6 } from '../../../net/cidr.ts';
import type { LineValue } from './lines.ts';
import { listName, nothingOut, podsOnly } from './prefix-lists.ts';

export interface Neighbor {
  readonly address: string;
  readonly asNumber: number;
}

/** What one unit's end of the sessions is to be. */
export interface BgpWish {
  /** The unit's own AS. */
  readonly asNumber: number;
  /** AS of the peer group: the cluster's. */
  readonly clusterAs: number;
  readonly peerGroup: string;
  /** Seconds. */
  readonly gracefulRestartTime: number;
  /** Nodes, and other units. Whoever is in another AS than the cluster's, or has an IPv6 address, stays outside of the group. */
  readonly neighbors: readonly Neighbor[];
  /** Hops to the nodes where they are not on the unit's own network; matters between different AS only. */
  readonly multihop?: number;
  readonly routerId?: string;
  readonly logNeighborChanges?: boolean;
  readonly sessions?: SessionWish;
}

/** Pod networks in CIDR notation, and the length of the blocks in them. */
interface PodNetworks {
  readonly pods: readonly string[];
  readonly blockSize: number;
}

/** What the sessions with the cluster are to have besides. All of it is left to the unit when left out. */
export interface SessionWish {
  /** Seconds. */
  readonly timers?: { readonly keepalive: number; readonly hold: number };
  /** A VLAN's name or an address of the unit. */
  readonly updateSource?: string;
  /** Whether they are signed (TCP MD5). The step is told where the password is. */
  readonly password?: boolean;
  /** Prefixes from one neighbor, past which the session ends. */
  readonly maximumPrefix?: number;
  readonly keepsRefused?: boolean;
  /** Lets only pod blocks in; `six` are those of the neighbors with IPv6 addresses. */
  readonly admit?: PodNetworks & { readonly cluster: string; readonly six?: PodNetworks };
  /** Keeps everything from going out to the nodes of this cluster. */
  readonly announceNothing?: { readonly cluster: string };
}

/** Highest AS number that needs no capability for four bytes. */
const TWO_BYTES = 0xffff;

type Entry = readonly [key: string, value: LineValue];

/** The lines of a unit: P1 row 10 and P2 row 7 of the procedures. */
export function wantedBgp(wish: BgpWish): Wanted<LineValue> {
  const { asNumber, clusterAs, peerGroup, neighbors, routerId, sessions = {} } = wish;
  const wide = [asNumber, clusterAs, ...neighbors.map((each) => each.asNumber)].some((asn) => asn > TWO_BYTES);
  const { admit, announceNothing } = sessions;
  const six = neighbors.some(({ address }) => isIpv6(address));
  return [
    ...(wide ? [['bgp extended-asn-cap', true] as const] : []),
    ...(admit ? podsOnly(admit.cluster, admit.pods, admit.blockSize) : []),
    ...(admit?.six ? podsOnly(admit.cluster, admit.six.pods, admit.six.blockSize) : []),
    ...(announceNothing ? nothingOut(announceNothing.cluster) : []),
    ...(announceNothing && six ? nothingOut(announceNothing.cluster, 6) : []),
    ['router bgp', `${asNumber}`],
    ...(routerId === undefined ? [] : [['bgp router-id', routerId] as const]),
    ...(wish.logNeighborChanges ? [['bgp log-neighbor-changes', true] as const] : []),
    ['bgp graceful-restart restart-time', `${wish.gracefulRestartTime}`],
    [`neighbor ${peerGroup} peer-group`, true],
    [`neighbor ${peerGroup} remote-as`, `${clusterAs}`],
    ...sessionLines(`neighbor ${peerGroup}`, wish),
    ...neighbors.flatMap((each) => neighborLines(each, wish)),
  ];
}

function neighborLines({ address, asNumber }: Neighbor, wish: BgpWish): readonly Entry[] {
  const neighbor = `neighbor ${address}`;
  if (isIpv6(address)) return ipv6Lines(neighbor, asNumber, wish);
  return asNumber === wish.clusterAs
    ? [[`${neighbor} peer-group`, wish.peerGroup]]
    : [[`${neighbor} remote-as`, `${asNumber}`]];
}

/** A group is of one family: IPv6 neighbors stand alone, and are activated where their routes belong. */
function ipv6Lines(neighbor: string, asNumber: number, wish: BgpWish): readonly Entry[] {
  const { admit, announceNothing, maximumPrefix, keepsRefused, ...signed } = wish.sessions ?? {};
  const own = asNumber === wish.clusterAs ? sessionLines(neighbor, { ...wish, sessions: signed }) : [];
  return [
    [`${neighbor} remote-as`, `${asNumber}`],
    ...own,
    [`ipv6 ${neighbor} activate`, true],
    ...(maximumPrefix === undefined ? [] : [[`ipv6 ${neighbor} maximum-prefix`, `${maximumPrefix}`] as const]),
    ...(keepsRefused ? [[`ipv6 ${neighbor} soft-reconfiguration`, 'inbound'] as const] : []),
    ...(admit?.six ? [[`ipv6 ${neighbor} prefix-list in`, listName(admit.cluster, 'pods', 6)] as const] : []),
    ...(announceNothing
      ? [[`ipv6 ${neighbor} prefix-list out`, listName(announceNothing.cluster, 'nothing', 6)] as const]
      : []),
  ];
}

function sessionLines(whose: string, { asNumber, clusterAs, multihop, sessions = {} }: BgpWish): readonly Entry[] {
  const far = multihop !== undefined && multihop > 1 && clusterAs !== asNumber;
  const { timers, updateSource, password, maximumPrefix, keepsRefused, admit, announceNothing } = sessions;
  const values: Readonly<Record<string, LineValue | undefined>> = {
    'update-source': updateSource,
    'ebgp-multihop': far ? `${multihop}` : undefined,
    password: password || undefined,
    timers: timers && `${timers.keepalive} ${timers.hold}`,
    'maximum-prefix': maximumPrefix === undefined ? undefined : `${maximumPrefix}`,
    'soft-reconfiguration': keepsRefused ? 'inbound' : undefined,
    'prefix-list in': admit && listName(admit.cluster, 'pods'),
    'prefix-list out': announceNothing && listName(announceNothing.cluster, 'nothing'),
  };
  return Object.entries(values).flatMap(([attribute, value]) =>
    value === undefined ? [] : [[`${whose} ${attribute}`, value] as const],
  );
}
