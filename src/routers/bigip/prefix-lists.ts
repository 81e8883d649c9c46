import type { LineValue } from './lines.ts';

/** What a prefix-list of ours is for: pod blocks that are let in, or everything kept from going out. */
type Purpose = 'pods' | 'nothing';

export const listName = (cluster: string, purpose: Purpose): string => `cpaas-${cluster}-${purpose}`;

/** Whether a prefix-list is this cluster's: another cluster's name may begin like it. */
export const isListOf = (name: string, cluster: string): boolean =>
  (['pods', 'nothing'] as const).some((purpose) => name === listName(cluster, purpose));

type Entry = readonly [key: string, value: LineValue];

const entries = (name: string, rules: readonly string[]): readonly Entry[] =>
  rules.map((rule, at) => [`ip prefix-list ${name} seq ${(at + 1) * 5}`, rule]);

/**
 * Admits what the nodes announce: blocks of `blockSize`, and everything smaller, since an address borrowed by another node is a /32.
 * Networks in CIDR notation.
 */
export const podsOnly = (cluster: string, networks: readonly string[], blockSize: number): readonly Entry[] =>
  entries(
    listName(cluster, 'pods'),
    networks.map((network) => `permit ${network}${longer(Number(network.split('/')[1]), blockSize)}`),
  );

/** `ge` must be longer than the network itself, and `le` as long as that at least. */
function longer(own: number, blockSize: number): string {
  if (own >= 32) return '';
  return own < blockSize ? ` ge ${blockSize} le 32` : ' le 32';
}

export const nothingOut = (cluster: string): readonly Entry[] =>
  entries(listName(cluster, 'nothing'), ['deny 0.0.0.0/0 le 32']);
