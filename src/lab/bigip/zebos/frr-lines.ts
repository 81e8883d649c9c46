import type { RouterConfig, ZebosConfig } from './config.ts';
import type { ConfigLine } from './lines.ts';

/** A line for FRR, and the headers to say before it in configuration mode. */
export interface FrrLine {
  readonly path: readonly string[];
  readonly line: string;
}

/** What makes FRR's bgpd behave as ZebOS does: its timers, one path, no policy asked of eBGP, graceful restart off until asked. */
export function newRouter(as: string): readonly FrrLine[] {
  const path = [`router bgp ${as}`];
  const family = [...path, 'address-family ipv4 unicast'];
  return [
    ...[
      'no bgp ebgp-requires-policy',
      'no bgp network import-check',
      'timers bgp 30 90',
      'bgp graceful-restart-disable',
    ].map((line) => ({ path, line })),
    { path: family, line: 'maximum-paths 1' },
    { path: family, line: 'maximum-paths ibgp 1' },
  ];
}

/** A line of `router bgp` as FRR wants it. */
export function routerLine(router: RouterConfig, line: string, frr: ConfigLine['frr']): readonly FrrLine[] {
  const path = [`router bgp ${router.as}`];
  if (frr === 'none') return [];
  if (typeof frr === 'function') return [{ path, line: inverted(line, frr) }];
  if (frr === 'ipv4') return [{ path: [...path, 'address-family ipv4 unicast'], line }];
  if (line.startsWith('no timers bgp')) return [{ path, line: 'timers bgp 30 90' }];
  // Helper mode, not FRR's own restart: that would hold back the choice of paths for minutes after a start.
  if (line.startsWith('bgp graceful-restart restart-time')) {
    return [
      { path, line: 'no bgp graceful-restart-disable' },
      { path, line },
    ];
  }
  if (line.startsWith('no bgp graceful-restart restart-time')) {
    return [
      { path, line: 'no bgp graceful-restart restart-time' },
      { path, line: 'bgp graceful-restart-disable' },
    ];
  }
  return [{ path, line }];
}

export function familyLine(router: RouterConfig, line: string): FrrLine {
  return { path: [`router bgp ${router.as}`, 'address-family ipv6 unicast'], line };
}

export function topLine(line: string): FrrLine {
  return { path: [], line };
}

/** All of a configuration, for a bgpd that has just been started. */
export function frrConfig(config: ZebosConfig): readonly FrrLine[] {
  const lists = config.lists.flatMap((line) => plainLine(line.text, line.frr, []));
  const blocks = config.blocks
    .filter((block) => block.frr !== 'none')
    .flatMap((block) => [
      topLine(block.text),
      ...block.lines.flatMap((line) => plainLine(line.text, line.frr, [block.text])),
    ]);
  return [...lists, ...blocks, ...(config.router === undefined ? [] : wholeRouter(config.router))];
}

function wholeRouter(router: RouterConfig): readonly FrrLine[] {
  // A neighbor that has its AS number of its own must say so before it joins a group without one.
  const later = (text: string) => (/ (peer-group|remote-as \d+)$/.test(text) ? 0 : 1);
  const lines = [...router.lines].sort((a, b) => later(a.text) - later(b.text));
  return [
    ...newRouter(router.as),
    ...lines.flatMap((line) => routerLine(router, line.text, line.frr)),
    ...(router.ipv6 ?? []).flatMap((line) => (line.frr === 'none' ? [] : [familyLine(router, line.text)])),
  ];
}

/** A line of the top level or of a block as FRR wants it. */
export function plainLine(text: string, frr: ConfigLine['frr'], path: readonly string[]): readonly FrrLine[] {
  if (frr === 'none') return [];
  return [{ path, line: typeof frr === 'function' ? inverted(text, frr) : text }];
}

/** `no` stays in front of what a function makes of the line; FRR's own negative statements swap. */
function inverted(line: string, frr: (line: string) => string): string {
  const no = line.startsWith('no ');
  const own = frr(no ? line.slice('no '.length) : line);
  if (own.endsWith('graceful-restart-disable')) return no ? own : `no ${own}`;
  return no ? `no ${own}` : own;
}
