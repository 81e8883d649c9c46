import type { ConfigLine } from './lines.ts';

/**
 * The configuration of one route domain's ZebOS, as the lines that were entered. Nothing here knows sessions or FRR: `editing.ts`
 * makes the next configuration from a line, `running-config.ts` prints one.
 */
export interface KeptLine {
  readonly text: string;
  /** The line without its values: of two lines with one key the later replaces the other. */
  readonly key: string;
  /** Place of its form among the forms of its context: lines are printed in that order. */
  readonly rank: number;
  readonly frr: ConfigLine['frr'];
}

/** Lines under a header, such as a route-map's. */
export interface Block extends KeptLine {
  readonly lines: readonly KeptLine[];
}

export interface RouterConfig {
  readonly as: string;
  readonly lines: readonly KeptLine[];
  /** `address-family ipv6`; nothing until it was entered. */
  readonly ipv6?: readonly KeptLine[];
}

export interface ZebosConfig {
  readonly globals: readonly KeptLine[];
  readonly router?: RouterConfig;
  readonly lists: readonly KeptLine[];
  readonly blocks: readonly Block[];
}

export const EMPTY: ZebosConfig = { globals: [], lists: [], blocks: [] };

/** Where in the configuration a session is. */
export type Context =
  | { readonly at: 'config' }
  | { readonly at: 'router' }
  | { readonly at: 'family' }
  | { readonly at: 'block'; readonly key: string };

export function withLine<T extends KeptLine>(lines: readonly T[], line: T): readonly T[] {
  return lines.some((each) => each.key === line.key)
    ? lines.map((each) => (each.key === line.key ? line : each))
    : [...lines, line];
}

export function withoutLine<T extends KeptLine>(lines: readonly T[], key: string): readonly T[] {
  return lines.filter((each) => each.key !== key);
}

/** The peer or group that a line is about: `10.0.0.2` of `no neighbor 10.0.0.2 activate`. */
export function subjectOf(text: string): string | undefined {
  return /^(?:no )?neighbor (\S+)/.exec(text)?.[1];
}

/** Value of a neighbor's line: `calico-k8s` for (`172.19.0.2`, `peer-group`). A group's own `peer-group` line has none. */
export function attribute(router: RouterConfig, peer: string, name: string): string | undefined {
  const start = `neighbor ${peer} ${name} `;
  return router.lines.find((line) => line.text.startsWith(start))?.text.slice(start.length);
}

export function isGroup(router: RouterConfig, name: string): boolean {
  return router.lines.some((line) => line.text === `neighbor ${name} peer-group`);
}

export function membersOf(router: RouterConfig, group: string): readonly string[] {
  return router.lines.flatMap((line) => {
    const found = /^neighbor (\S+) peer-group (\S+)$/.exec(line.text);
    return found?.[1] !== undefined && found[2] === group ? [found[1]] : [];
  });
}

export function withoutPeers(router: RouterConfig, peers: readonly string[]): RouterConfig {
  const stays = (line: KeptLine) => !peers.includes(subjectOf(line.text) ?? '');
  return {
    ...router,
    lines: router.lines.filter(stays),
    ...(router.ipv6 === undefined ? {} : { ipv6: router.ipv6.filter(stays) }),
  };
}
