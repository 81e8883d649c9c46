import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { reading } from '../core/reading.ts';
import { parseAnswer } from './answer.ts';

/** Marks our routes in the kernel's table; taken by nobody else. */
export const OUR_PROTOCOL = '201';

/** Numbers, since a protocol's name is whatever the host's rt_protos says. */
export const LIST_ROUTES = reading(['ip', '-N', '-json', 'route', 'show', 'table', 'main']);

export interface KernelRoute {
  /** With its length, also for one address. */
  readonly destination: string;
  /** Gateways, or for people what is there instead: `dev cali7`, `blackhole`. */
  readonly via: string;
  /** As `ip` takes it: a name where every host knows it, else the number. */
  readonly protocol: string;
  readonly dev?: string;
  readonly prefsrc?: string;
  readonly metric?: number;
}

const Row = z.object({
  dst: z.string(),
  type: z.string().optional(),
  gateway: z.string().optional(),
  via: z.object({ host: z.string() }).optional(),
  dev: z.string().optional(),
  protocol: z.string().optional(),
  prefsrc: z.string().optional(),
  metric: z.number().optional(),
  nexthops: z.array(z.object({ gateway: z.string().optional(), dev: z.string().optional() })).optional(),
});
type Row = z.infer<typeof Row>;

/** The answer to `LIST_ROUTES`, in the kernel's order: of equal destinations the one in force comes first. */
export function parseRoutes(stdout: string, host: string): readonly KernelRoute[] {
  return parseAnswer(z.array(Row), stdout || '[]', 'HOST.ANSWER', `ip route on ${host}`).map((row) => ({
    destination: withLength(row.dst),
    via: whereTo(row),
    protocol: protocols[row.protocol ?? '3'] ?? row.protocol ?? '',
    ...(row.dev === undefined ? {} : { dev: row.dev }),
    ...(row.prefsrc === undefined ? {} : { prefsrc: row.prefsrc }),
    ...(row.metric ? { metric: row.metric } : {}),
  }));
}

/** Asks of destinations, as `ip` prints them, whether they lie in an IPv4 range. Made for thousands of questions about one range. */
export function inRange(range: string): (destination: string) => boolean {
  const [outer, bits] = ipaddr.IPv4.parseCIDR(range);
  return (destination) => {
    if (!ipaddr.IPv4.isValidCIDR(destination)) return false;
    const [network, length] = ipaddr.IPv4.parseCIDR(destination);
    return length >= bits && network.match(outer, bits);
  };
}

/** linux/rtnetlink.h; `ip` leaves out boot, its own default. */
const protocols: Readonly<Record<string, string>> = { 2: 'kernel', 3: 'boot', 4: 'static', 12: 'bird', 16: 'dhcp' };
const types: Readonly<Record<string, string>> = { 6: 'blackhole', 7: 'unreachable', 8: 'prohibit', 9: 'throw' };

/** `ip` prints a /32 without its length, and 0.0.0.0/0 as a word. */
const withLength = (dst: string): string => (dst === 'default' ? '0.0.0.0/0' : dst.includes('/') ? dst : `${dst}/32`);

function whereTo({ type, gateway, via, dev, nexthops }: Row): string {
  if (nexthops) return nexthops.map((hop) => hop.gateway ?? `dev ${hop.dev}`).join(' and ');
  if (type !== undefined && type !== '1') return types[type] ?? `type ${type}`;
  return gateway ?? via?.host ?? `dev ${dev}`;
}
