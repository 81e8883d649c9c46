import { z } from 'zod';
import { uptime } from './time.ts';

const Peer = z.object({
  remoteAs: z.number(),
  msgRcvd: z.number(),
  msgSent: z.number(),
  tableVersion: z.number(),
  inq: z.number(),
  outq: z.number(),
  /** `never` until it was up once. */
  peerUptime: z.string(),
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

export interface SummaryLayout {
  /** Releases differ in the widths of their columns; which has which is not known. */
  readonly columns: 'usual' | 'other';
  /** Every row on two lines, and not only those of wide addresses. */
  readonly wrappedRows: boolean;
}

const USUAL: SummaryLayout = { columns: 'usual', wrappedRows: false };
const AS_WIDTH = { usual: 5, other: 6 } as const;

/**
 * `show ip bgp summary`. A peer that never came up has nothing under Up/Down; one that was up has a time and the name of its
 * state. Without BGP nothing is printed: [unverified].
 */
export function renderSummary(
  json: unknown,
  options: { readonly layout?: SummaryLayout; readonly family?: 'ipv4Unicast' | 'ipv6Unicast' } = {},
): string {
  const { layout = USUAL, family = 'ipv4Unicast' } = options;
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
    `Neighbor        V ${'AS'.padStart(AS_WIDTH[layout.columns])} MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd`,
    ...peers.map(([address, peer]) => row(address, peer, layout)),
    '',
    `Total number of neighbors ${peers.length}`,
    '',
  ].join('\n');
}

function row(address: string, peer: z.infer<typeof Peer>, { columns, wrappedRows }: SummaryLayout): string {
  const never = peer.peerUptime === 'never';
  const fields = [
    '4',
    String(peer.remoteAs).padStart(AS_WIDTH[columns]),
    String(peer.msgRcvd).padStart(7),
    String(peer.msgSent).padStart(7),
    String(peer.tableVersion).padStart(8),
    String(peer.inq).padStart(4),
    String(peer.outq).padStart(4),
    (never ? '' : uptime(peer.peerUptimeMsec / 1000)).padEnd(8),
    peer.state === 'Established' ? String(peer.pfxRcd ?? 0).padStart(8) : peer.state.padEnd(11),
  ].join(' ');
  // An address that is wider than its column stands on a line of its own, as an IPv6 one mostly is.
  return wrappedRows || address.length > 15
    ? `${address}\n${' '.repeat(16)}${fields}`
    : `${address.padEnd(16)}${fields}`;
}
