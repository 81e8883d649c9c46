import { type ReadCommand, reading } from '../../../core/reading.ts';
import type { Output } from '../../../core/transport.ts';
import { imishExec } from '../../../drivers/imish.ts';
import { columns } from '../../../drivers/terminal.ts';
import { parseAsn } from '../../../net/asn.ts';
import { formatAddress, isIpv6, parseAddress } from '../../../net/cidr.ts';
import { neighborIn, ROUTER, type RouterConfig } from '../config/config.ts';
import { ANY_ANSWER } from './running.ts';

/** A BGP session as a unit sees it. */
export interface BigipSession {
  readonly neighbor: string;
  readonly asNumber: number;
  /** `Established`, the unit's word for less (`Active`, `Idle`), or `unknown` where its row cannot be read. */
  readonly state: string;
  /** As printed: `00:09:11`, `2d03h`. Nothing for a session that never was up. */
  readonly uptime?: string;
  /** Received and accepted; of established sessions alone. */
  readonly prefixes?: number;
}

/** Whatever imish ends with, it promises nothing by that. */
export const sessionsQuestion = (routeDomain: number): ReadCommand =>
  reading(imishExec(routeDomain, 'show ip bgp summary'), { codes: ANY_ANSWER });

/** The sessions that have IPv6 prefixes, which the other answer need not name. */
export const ipv6SessionsQuestion = (routeDomain: number): ReadCommand =>
  reading(imishExec(routeDomain, 'show bgp ipv6 summary'), { codes: ANY_ANSWER });

/** Whether there may be sessions that only the second of these answers names: a neighbor with an IPv6 address, or with IPv6 prefixes. */
export const speaksIpv6 = ({ lines }: RouterConfig): boolean =>
  lines.some((line) => line.context === `${ROUTER} / ipv6` || isIpv6(neighborIn(line) ?? ''));

/** What names every session of such a configuration. A release that does not know the second question names all in the first answer. */
export const sessionsQuestions = (routeDomain: number, config: RouterConfig): readonly ReadCommand[] => [
  sessionsQuestion(routeDomain),
  ...(speaksIpv6(config) ? [ipv6SessionsQuestion(routeDomain)] : []),
];

/** Addresses of the neighbors whose sessions are up, by any of the answers to that. */
export const establishedIn = (answers: readonly Output[]): readonly string[] => {
  const sessions = answers.flatMap(({ stdout }) => parseSummary(stdout));
  return [...new Set(sessions.filter(({ state }) => state === 'Established').map(({ neighbor }) => neighbor))];
};

/** Reads `show ip bgp summary`. Columns differ in width between releases, and an address too long for its column has a line of its own. */
export function parseSummary(text: string): readonly BigipSession[] {
  const lines = columns(text);
  const header = lines.findIndex((line) => /^Neighbor\s+V\s+AS\b/.test(line));
  if (header < 0) return [];
  const sessions: BigipSession[] = [];
  let wrapped = '';
  for (const line of lines.slice(header + 1)) {
    if (/^Total number/.test(line)) break;
    const [first = '', ...rest] = line.trim().split(/\s+/);
    // what follows an address that is alone on its line begins with the version
    if (wrapped !== '' && (/^\s/.test(line) || first === '4')) sessions.push(...session(wrapped, [first, ...rest]));
    wrapped = '';
    const address = parseAddress(first);
    if (!address) continue;
    if (rest.length === 0) wrapped = formatAddress(address);
    else sessions.push(...session(formatAddress(address), rest));
  }
  return sessions;
}

/** Of the words that a session may be in. Everything else is unknown, and not taken for a state. */
const STATES: ReadonlySet<string> = new Set([
  'Idle',
  'Connect',
  'Active',
  'OpenSent',
  'OpenConfirm',
  'Clearing',
  'Deleted',
]);
export const UPTIME = /^(\d+:\d{2}:\d{2}|(\d+[ywdhms])+)$/;

/** What follows the address: version, AS, five counters, then a time if it ever was up, then a number of prefixes or a word. */
function session(neighbor: string, [version, as = '', ...rest]: readonly string[]): readonly BigipSession[] {
  const asNumber = parseAsn(as);
  if (version !== '4' || asNumber === undefined) return [];
  const [time = '', ...after] = rest.slice(5);
  const up = UPTIME.test(time);
  const uptime = up ? { uptime: time } : {};
  const last = up ? after : rest.slice(5).filter((word) => word !== 'never');
  const [word = ''] = last;
  if (up && last.length === 1 && /^\d+$/.test(word))
    return [{ neighbor, asNumber, state: 'Established', ...uptime, prefixes: Number(word) }];
  const said = last.join(' ');
  const [, known = ''] = /^([A-Za-z]+)(?: ?\([A-Za-z -]+\))?$/.exec(said) ?? [];
  return [{ neighbor, asNumber, state: STATES.has(known) ? said : 'unknown', ...uptime }];
}
