import type { Fact } from '../../core/facts.ts';
import { reading } from '../../core/reading.ts';
import { imishExec } from '../../drivers/imish.ts';
import { columns } from '../../drivers/terminal.ts';
import { parseAsn } from '../../net/asn.ts';
import { formatAddress, parseAddress } from '../../net/cidr.ts';
import { ANY_ANSWER } from '../../routers/bigip/change/running.ts';

/** What a unit says of one neighbor. */
export interface BigipNeighbor {
  readonly address: string;
  /** The AS that the unit expects of it, and the one that the unit speaks from. */
  readonly remoteAs: number;
  readonly localAs: number;
  /** Nothing as long as it has never told: ZebOS prints 0.0.0.0. */
  readonly routerId?: string;
  /** The unit's word: `Established`, `Active`; empty where it cannot be read. */
  readonly state: string;
  /** How often a session came up, and was lost. */
  readonly established?: number;
  readonly dropped?: number;
  /** Why the last session ended, in the unit's words. */
  readonly lastReset?: string;
}

type Where = { readonly host: string; readonly routeDomain: number };

/** All neighbors of a unit's route domain, by address. None where BGP is off. */
export const bigipNeighbors = ({ host, routeDomain }: Where): Fact<ReadonlyMap<string, BigipNeighbor>> => ({
  name: `bigip-neighbors ${host} rd${routeDomain}`,
  async read(ctx) {
    const show = reading(imishExec(routeDomain, 'show ip bgp neighbors'), { codes: ANY_ANSWER });
    const neighbors = parseNeighbors((await ctx.host(host).query(show)).stdout);
    return new Map(neighbors.map((each) => [each.address, each]));
  },
});

/** Reads `show ip bgp neighbors`, or what it shows of one. Blocks that do not begin as they should are left out. */
export const parseNeighbors = (text: string): readonly BigipNeighbor[] =>
  columns(text)
    .join('\n')
    .split(/^(?=BGP neighbor is )/m)
    .flatMap((block) => neighbor(block) ?? []);

/** Words that are not known are no state. */
const STATE = /^ *BGP state = (Established|Idle|Connect|Active|OpenSent|OpenConfirm|Clearing|Deleted)(?:,|\s|$)/m;
const FIRST = /^BGP neighbor is ([^\s,]+), +(?:vrf \S+, +)?remote AS ([\d.]+), +local AS ([\d.]+)\b/;

function neighbor(block: string): BigipNeighbor | undefined {
  const [, named = '', remote = '', local = ''] = FIRST.exec(block) ?? [];
  const [known, remoteAs, localAs] = [parseAddress(named), parseAsn(remote), parseAsn(local)];
  if (!known || remoteAs === undefined || localAs === undefined) return undefined;
  const routerId = /^ *BGP version 4, remote router ID ([\d.]+)\s*$/m.exec(block)?.[1];
  const state = STATE.exec(block)?.[1] ?? '';
  const [, established, dropped] = /^ *Connections established (\d+); dropped (\d+)\s*$/m.exec(block) ?? [];
  const ended = /^ *Last Reset:? [^\n]*?due to ([^\r\n]*\S)/im.exec(block)?.[1];
  const notified = /^ *Notification Error Message: *(\([^\n]*\))/im.exec(block)?.[1];
  const lastReset = ended && [ended, ...(notified ? [notified] : [])].join(' ');
  return {
    ...{ address: formatAddress(known), remoteAs, localAs, state },
    ...(routerId === undefined || routerId === '0.0.0.0' ? {} : { routerId }),
    ...(established === undefined ? {} : { established: Number(established), dropped: Number(dropped) }),
    ...(lastReset === undefined ? {} : { lastReset }),
  };
}
