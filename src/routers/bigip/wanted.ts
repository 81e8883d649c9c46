import type { Wanted } from '../../core/step.ts';
import type { LineValue } from './lines.ts';

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
  /** Nodes, and other units. Whoever is in another AS than the cluster's stays outside of the group. */
  readonly neighbors: readonly Neighbor[];
  /** Hops to the nodes where they are not on the unit's own network; matters between different AS only. */
  readonly multihop?: number;
  readonly routerId?: string;
}

/** Highest AS number that needs no capability for four bytes. */
const TWO_BYTES = 0xffff;

/** The lines of a unit: P1 row 10 and P2 row 7 of the procedures. */
export function wantedBgp(wish: BgpWish): Wanted<LineValue> {
  const { asNumber, clusterAs, peerGroup, neighbors, multihop, routerId } = wish;
  const wide = [asNumber, clusterAs, ...neighbors.map((each) => each.asNumber)].some((asn) => asn > TWO_BYTES);
  const far = multihop !== undefined && multihop > 1 && clusterAs !== asNumber;
  return [
    ...(wide ? [['bgp extended-asn-cap', true] as const] : []),
    ['router bgp', `${asNumber}`],
    ...(routerId === undefined ? [] : [['bgp router-id', routerId] as const]),
    ['bgp graceful-restart restart-time', `${wish.gracefulRestartTime}`],
    [`neighbor ${peerGroup} peer-group`, true],
    [`neighbor ${peerGroup} remote-as`, `${clusterAs}`],
    ...(far ? [[`neighbor ${peerGroup} ebgp-multihop`, `${multihop}`] as const] : []),
    ...neighbors.map((each) =>
      each.asNumber === clusterAs
        ? ([`neighbor ${each.address} peer-group`, peerGroup] as const)
        : ([`neighbor ${each.address} remote-as`, `${each.asNumber}`] as const),
    ),
  ];
}
