import type { Fact } from '../../core/facts.ts';
import { reading } from '../../core/reading.ts';
import { imishExec } from '../../drivers/imish.ts';
import { columns } from '../../drivers/terminal.ts';
import { parseNetwork } from '../../net/cidr.ts';
import { ANY_ANSWER } from '../../routers/bigip/change/running.ts';
import { UPTIME } from '../../routers/bigip/change/summary.ts';
import type { Family } from '../router-target.ts';

/** One of the ways that BGP knows to a prefix. */
export interface BigipPath {
  /** `0.0.0.0` for what the unit announces itself. */
  readonly nextHop: string;
  readonly best: boolean;
  readonly valid: boolean;
  /** Kept by graceful restart although its session is gone. */
  readonly stale: boolean;
  /** Learned from a neighbor in the unit's own AS. */
  readonly internal: boolean;
}

/** A prefix in the BGP table. */
export interface BigipPrefix {
  readonly prefix: string;
  readonly paths: readonly BigipPath[];
}

/** A way in the routing table. */
export interface BigipRouteHop {
  /** Nothing for networks that the unit stands in, and for summaries that lead nowhere. */
  readonly nextHop?: string;
  /** The VLAN it leaves by. */
  readonly vlan?: string;
}

export interface BigipInstalled {
  readonly prefix: string;
  /** The letter it is listed under: `B` BGP, `K` tmsh, `C` a network of its own. */
  readonly code: string;
  readonly distance?: number;
  readonly hops: readonly BigipRouteHop[];
}

/** What a unit has learned by BGP, and what it forwards by. */
export interface BigipRoutes {
  readonly learned: readonly BigipPrefix[];
  readonly installed: readonly BigipInstalled[];
}

/** `any`: both families, as if they were one. */
type Where = { readonly host: string; readonly routeDomain: number; readonly family?: Family | 'any' };

const [FOUR, SIX] = [
  ['show ip bgp', 'show ip route'],
  ['show bgp ipv6 unicast', 'show ipv6 route'],
] as const;
const TABLES = { 4: FOUR, 6: SIX, any: [...FOUR, ...SIX] } as const;

/** Both tables of a unit's route domain, in one round trip whatever is asked. Empty where BGP is off. */
export const bigipRoutes = ({ host, routeDomain, family = 4 }: Where): Fact<BigipRoutes> => ({
  name: `bigip-routes ${host} rd${routeDomain} IPv${family}`,
  async read(ctx) {
    const lines = TABLES[family];
    const outputs = await ctx
      .host(host)
      .queryAll(lines.map((line) => reading(imishExec(routeDomain, line), { codes: ANY_ANSWER })));
    const shown = (is: (line: string) => boolean) => outputs.filter((_, at) => is(lines[at] ?? ''));
    return {
      learned: shown(isBgpTable).flatMap(({ stdout }) => parseBgpTable(stdout)),
      installed: shown((line) => !isBgpTable(line)).flatMap(({ stdout }) => parseRouteTable(stdout)),
    };
  },
});

const isBgpTable = (line: string): boolean => line.includes(' bgp');

const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$|^[\da-f]*:[\da-f:.]*$/i;
const PREFIX = /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?$|^[\da-f]*:[\da-f:.]*\/\d{1,3}$/i;
/**
 * Reads `show ip bgp`. The status codes stand before the column of networks. A network too long for it has the rest of its row on the
 * next line; further paths to the same network leave the column empty. A row whose network cannot be read is passed over, and so are
 * the further paths to it: they are no paths to the network before.
 */
export function parseBgpTable(text: string): readonly BigipPrefix[] {
  const lines = columns(text);
  const header = lines.findIndex((line) => /^\s*Network\s+Next Hop/.test(line));
  if (header < 0) return [];
  const width = lines[header]?.indexOf('Network') ?? 0;
  const table = new Map<string, BigipPath[]>();
  let prefix = '';
  let codes = '';
  /** Whether the next hop of the row before has to stand on the next one. */
  let waits = false;
  for (const line of lines.slice(header + 1)) {
    if (/^(Total|Displayed)\b/.test(line)) break;
    // some pages lose the blanks at the left of the heading
    const own = line.slice(0, width || (CODES.exec(line)?.[0].length ?? 0));
    const rest = line.slice(own.length);
    const [first = '', second = ''] = rest.trim().split(/\s+/);
    if (own.trim() !== '') codes = own;
    const network = /^\s/.test(rest) ? undefined : withLength(first);
    const named = network !== undefined;
    // pages that lose blanks at the left have the rest of a row there as well
    const isRest = waits && own.trim() === '';
    if (named) prefix = network;
    else if (!/^\s/.test(rest) && !isRest) prefix = '';
    waits = named && second === '';
    // a next hop of IPv6 may have its link-local one behind it: 2001:db8::2(fe80::1)
    const [nextHop = ''] = (named ? second : first).split('(');
    if (prefix === '' || !ADDRESS.test(nextHop)) continue;
    table.set(prefix, [...(table.get(prefix) ?? []), path(codes, nextHop)]);
  }
  return [...table].map(([each, paths]) => ({ prefix: each, paths }));
}

const CODES = /^[*>=sShdril ]{0,3}(?=\s|[\da-f]{1,4}[.:])/;

const path = (codes: string, nextHop: string): BigipPath => ({
  nextHop,
  best: codes.includes('>'),
  // a stale path still counts: the letter takes the place of the asterisk
  valid: /[*S]/.test(codes),
  stale: codes.includes('S'),
  internal: codes.includes('i'),
});

/** Networks of a class are printed without their length; nothing for what is no network. */
function withLength(network: string): string | undefined {
  if (!PREFIX.test(network)) return undefined;
  if (network.includes('/')) return parseNetwork(network) && network;
  const first = Number(network.split('.')[0]);
  if (network === '0.0.0.0') return '0.0.0.0/0';
  const whole = `${network}/${first < 128 ? 8 : first < 192 ? 16 : 24}`;
  return parseNetwork(whole) && whole;
}

/**
 * Reads `show ip route` and `show ip route bgp`. Further hops of a route stand on lines without a code; those of one that cannot be read
 * are nobody's.
 */
export function parseRouteTable(text: string): readonly BigipInstalled[] {
  const routes: { prefix: string; code: string; distance?: number; hops: BigipRouteHop[] }[] = [];
  let hops: BigipRouteHop[] = [];
  for (const line of columns(text)) {
    const [, code, , prefix, rest = ''] = ROW.exec(line) ?? [];
    const [, distance] = /\[(\d+)\/\d+\]/.exec(line) ?? [];
    if (code !== undefined && prefix !== undefined) {
      const known = distance === undefined ? {} : { distance: Number(distance) };
      hops = [hop(rest)];
      routes.push({ prefix, code, ...known, hops });
    } else if (/^\s+\[\d+\/\d+\] via /.test(line)) hops.push(hop(line));
    else if (/^\S/.test(line)) hops = [];
  }
  return routes;
}

/** `B`, `K*`, `O IA`, `B>*`; then the destination. */
const ROW = /^([A-Za-z])([\w*>]*(?: +[\w*>]{1,2})?)\s+(\S+\/\d+)\s+(.*)$/;

/** `via 10.1.20.22, internal, 00:00:23`; the VLAN may stand with what the next hop resolves to instead, and IPv6 has `via ::` for none. */
function hop(words: string): BigipRouteHop {
  const [, via, recursive, next] = /via ([\d.a-f:]+)(?: \(recursive([^)]*)\))?(?:, ([^,\s]+))?/i.exec(words) ?? [];
  const [, connected] = /is directly connected, ([^,\s]+)/.exec(words) ?? [];
  const [, resolved] = /, *([^,\s]+)\s*$/.exec(recursive ?? '') ?? [];
  const vlan = [next, connected, resolved].find((name) => name !== undefined && !UPTIME.test(name));
  const nextHop = via === '::' ? undefined : via;
  return { ...(nextHop === undefined ? {} : { nextHop }), ...(vlan === undefined ? {} : { vlan }) };
}
