import { covers, meets, parseRule, type Rule } from './iptables.ts';

/** Where the nodes stand: containers on a bridge of Docker's, behind the interface that leads to the routers. */
export interface NodeNetwork {
  readonly uplink: string;
  readonly bridge: string;
  /** CIDR of the bridge. */
  readonly nodes: string;
}

/** What a rule of ours is for, in words that are also its key and the end of its comment; the address may be a network. */
export const accept = (address: string, table: 'filter' | 'raw'): string => `accept ${address} (${table})`;
export const keepAddresses = (router: string): string => `keep node addresses towards ${router} (nat)`;

/**
 * The rule behind a key. Docker drops what comes from elsewhere to containers: in its own chain and, from 28 on, in raw before
 * connections are tracked; and it masquerades what containers send, so that a router cannot tell one node from another.
 */
export function dockerRule(key: string, { uplink, bridge, nodes }: NodeNetwork, comment: string): Rule | undefined {
  const [, accepted, table] = /^accept (\S+) \((filter|raw)\)$/.exec(key) ?? [];
  const [, router] = /^keep node addresses towards (\S+) \(nat\)$/.exec(key) ?? [];
  const end = `-m comment --comment "${comment}" -j ACCEPT`;
  const from = accepted && withLength(accepted);
  if (table === 'filter') return parseRule(table, 'DOCKER-USER', `-s ${from} -i ${uplink} -o ${bridge} ${end}`);
  if (table === 'raw') return parseRule(table, 'PREROUTING', `-s ${from} -d ${nodes} -i ${uplink} ${end}`);
  if (router) return parseRule('nat', 'POSTROUTING', `-s ${nodes} -d ${withLength(router)} ${end}`);
  return undefined;
}

/** Whether packets that a rule is about reach it: none of the rules before it in its chain ends their way otherwise. */
export function effective(rule: Rule, rules: readonly Rule[]): boolean {
  const chain = rules.filter(({ table, chain }) => table === rule.table && chain === rule.chain);
  const before = chain.slice(0, chain.indexOf(rule));
  return !before.some((earlier) => ends[rule.table]?.includes(earlier.target ?? '') && meets(earlier, rule));
}

/** Somebody else's rule that does, effectively, what one of ours would. Rules of other clusters may go any time, so they do not count. */
export function standIn(rule: Rule, rules: readonly Rule[]): Rule | undefined {
  return rules.find(
    (theirs) =>
      theirs.table === rule.table &&
      theirs.chain === rule.chain &&
      theirs.target === rule.target &&
      !theirs.comment?.startsWith('cpaas:') &&
      covers(theirs, rule) &&
      effective(theirs, rules),
  );
}

/** Targets that take a packet away from the rules after them, by table. */
const ends: Readonly<Record<string, readonly string[]>> = {
  filter: ['DROP', 'REJECT', 'RETURN'],
  raw: ['DROP'],
  nat: ['MASQUERADE', 'SNAT', 'NETMAP'],
};

const withLength = (address: string): string => (address.includes('/') ? address : `${address}/32`);
