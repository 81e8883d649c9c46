import { z } from 'zod';
import { uptime } from './time.ts';

const Peer = z.object({
  remoteAs: z.number(),
  msgRcvd: z.number(),
  msgSent: z.number(),
  tableVersion: z.number(),
  inq: z.number(),
  outq: z.number(),
  peerUptimeMsec: z.number(),
  pfxRcd: z.number().optional(),
  state: z.string(),
});

/** The part of FRR's `show bgp summary json` that ZebOS prints. */
const Summary = z.object({
  routerId: z.string(),
  as: z.number(),
  tableVersion: z.number(),
  peers: z.record(z.string(), Peer),
});

/**
 * `show ip bgp summary`. A peer that never came up has nothing under Up/Down; one that was up has a time and the name of its
 * state. Without BGP nothing is printed: [unverified].
 */
export function renderSummary(json: unknown, family: 'ipv4Unicast' | 'ipv6Unicast' = 'ipv4Unicast'): string {
  const all = z.record(z.string(), z.unknown()).parse(json);
  if (all[family] === undefined) return '';
  const summary = Summary.parse(all[family]);
  const peers = Object.entries(summary.peers);
  return [
    `BGP router identifier ${summary.routerId}, local AS number ${summary.as}`,
    `BGP table version is ${summary.tableVersion}`,
    `${peers.length === 0 ? 0 : 1} BGP AS-PATH entries`,
    '0 BGP community entries',
    '',
    'Neighbor        V    AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd',
    ...peers.map(([address, peer]) => row(address, peer)),
    '',
    `Total number of neighbors ${peers.length}`,
    '',
  ].join('\n');
}

function row(address: string, peer: z.infer<typeof Peer>): string {
  const never = peer.peerUptimeMsec === 0;
  const fields = [
    '4',
    String(peer.remoteAs).padStart(5),
    String(peer.msgRcvd).padStart(7),
    String(peer.msgSent).padStart(7),
    String(peer.tableVersion).padStart(8),
    String(peer.inq).padStart(4),
    String(peer.outq).padStart(4),
    (never ? '' : uptime(peer.peerUptimeMsec / 1000)).padEnd(8),
    peer.state === 'Established' ? String(peer.pfxRcd ?? 0).padStart(8) : peer.state.padEnd(11),
  ].join(' ');
  // An address that is wider than its column stands on a line of its own, as an IPv6 one mostly is.
  return address.length > 15 ? `${address}\n${' '.repeat(16)}${fields}` : `${address.padEnd(16)}${fields}`;
}
