import { z } from 'zod';
import { uptime } from './time.ts';

const Af = z.object({
  acceptedPrefixCounter: z.number().optional(),
  sentPrefixCounter: z.number().optional(),
});

/** The part of FRR's `show bgp neighbors json` that ZebOS prints. */
const Neighbor = z.object({
  remoteAs: z.number(),
  localAs: z.number(),
  nbrInternalLink: z.boolean().optional(),
  nbrDesc: z.string().optional(),
  peerGroup: z.string().optional(),
  remoteRouterId: z.string(),
  bgpState: z.string(),
  bgpTimerUpMsec: z.number().optional(),
  bgpTimerLastRead: z.number().optional(),
  bgpTimerHoldTimeMsecs: z.number().optional(),
  bgpTimerKeepAliveIntervalMsecs: z.number().optional(),
  messageStats: z.object({
    totalSent: z.number(),
    totalRecv: z.number(),
    notificationsSent: z.number(),
    notificationsRecv: z.number(),
    depthInq: z.number(),
    depthOutq: z.number(),
    routeRefreshSent: z.number(),
    routeRefreshRecv: z.number(),
  }),
  minBtwnAdvertisementRunsTimerMsecs: z.number().optional(),
  addressFamilyInfo: z.record(z.string(), Af).optional(),
  connectionsEstablished: z.number(),
  connectionsDropped: z.number(),
  lastResetTimerMsecs: z.number().optional(),
  lastResetDueTo: z.string().optional(),
  gracefulRestartInfo: z
    .object({ timers: z.object({ receivedRestartTimer: z.number().optional() }).optional() })
    .optional(),
  hostLocal: z.string().optional(),
  portLocal: z.number().optional(),
  hostForeign: z.string().optional(),
  portForeign: z.number().optional(),
  nexthop: z.string().optional(),
  nexthopGlobal: z.string().optional(),
  nexthopLocal: z.string().optional(),
});
type Neighbor = z.infer<typeof Neighbor>;

/** What the configuration says that FRR's JSON does not. */
export interface NeighborFacts {
  readonly gracefulRestart: boolean;
}

/** `show ip bgp neighbors`, or one of them. */
export function renderNeighbors(json: unknown, facts: NeighborFacts): string {
  const all = z.record(z.string(), z.unknown()).parse(json);
  const entries = Object.entries(all).filter(([, value]) => typeof value === 'object' && value !== null);
  return entries.map(([address, value]) => block(address, Neighbor.parse(value), facts)).join('\n');
}

function block(address: string, peer: Neighbor, facts: NeighborFacts): string {
  const lines = [
    `BGP neighbor is ${address}, remote AS ${peer.remoteAs}, local AS ${peer.localAs}, ${peer.nbrInternalLink ? 'internal' : 'external'} link`,
    ...(peer.nbrDesc === undefined ? [] : [` Description: ${peer.nbrDesc}`]),
    ...(peer.peerGroup === undefined ? [] : [` Member of peer-group ${peer.peerGroup} for session parameters`]),
    `  BGP version 4, remote router ID ${peer.remoteRouterId}`,
    ...session(peer),
    `  Received ${peer.messageStats.totalRecv} messages, ${peer.messageStats.notificationsRecv} notifications, ${peer.messageStats.depthInq} in queue`,
    `  Sent ${peer.messageStats.totalSent} messages, ${peer.messageStats.notificationsSent} notifications, ${peer.messageStats.depthOutq} in queue`,
    `  Route refresh request: received ${peer.messageStats.routeRefreshRecv}, sent ${peer.messageStats.routeRefreshSent}`,
    `  Minimum time between advertisement runs is ${peer.nbrInternalLink ? 5 : 30} seconds`,
    ...families(peer, facts),
    '',
    ` Connections established ${peer.connectionsEstablished}; dropped ${peer.connectionsDropped}`,
    ...restart(peer),
    ...sockets(peer),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function session(peer: Neighbor): readonly string[] {
  const up = peer.bgpState === 'Established';
  const seconds = (milliseconds = 0) => Math.floor(milliseconds / 1000);
  return [
    `  BGP state = ${peer.bgpState}${up ? `, up for ${uptime(seconds(peer.bgpTimerUpMsec))}` : ''}`,
    `  Last read ${up ? uptime(seconds(peer.bgpTimerLastRead)) : ''}, hold time is ${seconds(peer.bgpTimerHoldTimeMsecs)}, keepalive interval is ${seconds(peer.bgpTimerKeepAliveIntervalMsecs)} seconds`,
    ...(up
      ? [
          '  Neighbor capabilities:',
          '    Route refresh: advertised and received (new)',
          '    Address family IPv4 Unicast: advertised and received',
        ]
      : []),
  ];
}

function families(peer: Neighbor, facts: NeighborFacts): readonly string[] {
  const restarts = facts.gracefulRestart && peer.bgpState === 'Established';
  return Object.entries(peer.addressFamilyInfo ?? {}).flatMap(([name, af], index) => [
    ` For address family: ${name === 'ipv6Unicast' ? 'IPv6' : 'IPv4'} Unicast`,
    '  BGP table version 1, neighbor version 1',
    `  Index ${index + 1}, Offset 0, Mask 0x${2 ** (index + 1)}`,
    ...(peer.peerGroup === undefined ? [] : [`  ${peer.peerGroup} peer-group member`]),
    ...(restarts ? ['  AF-dependant capabilities:', '    Graceful restart: advertised, received', ''] : []),
    '  Community attribute sent to this neighbor (both)',
    `  ${af.acceptedPrefixCounter ?? 0} accepted prefixes`,
    `  ${af.sentPrefixCounter ?? 0} announced prefixes`,
  ]);
}

function restart(peer: Neighbor): readonly string[] {
  const time = peer.gracefulRestartInfo?.timers?.receivedRestartTimer;
  return time === undefined || time === 0 ? [] : ['Graceful-restart Status:', `  Remote restart-time is ${time} sec`];
}

function sockets(peer: Neighbor): readonly string[] {
  if (peer.bgpState !== 'Established') {
    if (peer.connectionsDropped === 0) return [];
    return [
      `Last Reset: ${uptime(Math.floor((peer.lastResetTimerMsecs ?? 0) / 1000))}, due to ${peer.lastResetDueTo ?? 'unknown'}`,
    ];
  }
  return [
    '',
    `Local host: ${peer.hostLocal}, Local port: ${peer.portLocal}`,
    `Foreign host: ${peer.hostForeign}, Foreign port: ${peer.portForeign}`,
    `Nexthop: ${peer.nexthop}`,
    `Nexthop global: ${peer.nexthopGlobal}`,
    `Nexthop local: ${peer.nexthopLocal}`,
    'BGP connection: non shared network',
  ];
}
