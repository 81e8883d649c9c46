import { parseAddress } from '../../../net/cidr.ts';
import type { LineValue } from './lines.ts';

/** What a prefix-list of ours is for: pod blocks that are let in, or everything kept from going out. */
type Purpose = 'pods' | 'nothing';
type Family = 4 | 6;

/** Those of IPv6 have names of their own: whether a unit keeps lists of both apart is not known. */
export const listName = (cluster: string, purpose: Purpose, family: Family = 4): string =>
  `cpaas-${cluster}-${purpose}${family === 6 ? '-ipv6' : ''}`;

/** Whether a prefix-list is this cluster's: another cluster's name may begin like it. */
export const isListOf = (name: string, cluster: string): boolean =>
  (['pods', 'nothing'] as const).some((purpose) =>
    ([4, 6] as const).some((family) => name === listName(cluster, purpose, family)),
  );

type Entry = readonly [key: string, value: LineValue];

const entries = (name: string, rules: readonly string[], family: Family): readonly Entry[] =>
  rules.map((rule, at) => [`${family === 6 ? 'ipv6' : 'ip'} prefix-list ${name} seq ${(at + 1) * 5}`, rule]);

/**
 * Admits what the nodes announce: blocks of `blockSize`, and everything smaller, since an address borrowed by another node is a /32
 * (of IPv6 a /128). Networks of one family, in CIDR notation.
 */
export function podsOnly(cluster: string, networks: readonly string[], blockSize: number): readonly Entry[] {
  const family = familyOf(networks);
  const rules = networks.map((network) => `permit ${network}${longer(network, blockSize, BITS[family])}`);
  return entries(listName(cluster, 'pods', family), rules, family);
}

const BITS = { 4: 32, 6: 128 } as const;
const familyOf = ([network = '']: readonly string[]): Family => parseAddress(network.split('/')[0] ?? '')?.family ?? 4;

/** `ge` must be longer than the network itself, and `le` as long as that at least. */
function longer(network: string, blockSize: number, bits: number): string {
  const own = Number(network.split('/')[1]);
  if (own >= bits) return '';
  return own < blockSize ? ` ge ${blockSize} le ${bits}` : ` le ${bits}`;
}

export const nothingOut = (cluster: string, family: Family = 4): readonly Entry[] =>
  entries(listName(cluster, 'nothing', family), [family === 6 ? 'deny ::/0 le 128' : 'deny 0.0.0.0/0 le 32'], family);
