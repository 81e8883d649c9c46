import { exportFunctions, filterFunctions } from './filters.ts';
import type { BirdInput } from './model.ts';
import { meshProtocols, peerProtocol } from './sessions.ts';

/**
 * The configuration that makes BIRD 2 behave as the BIRD 1.6 of calico-node does with what Calico 3.31 renders from the same
 * objects: same protocols, peers, timers, and decisions on import and export.
 */
export function renderBird(input: BirdInput): string {
  const { settings, peers, filters, blocks, pools } = input;
  return [
    `router id ${input.node.address};`,
    ...filterFunctions(filters),
    ...exportFunctions(settings, blocks, pools),
    ...base(input),
    ...statics(input),
    ...meshProtocols(input),
    ...peers.flatMap((peer) => peerProtocol(peer, input)),
    '',
  ].join('\n');
}

function base({ node, settings }: BirdInput): readonly string[] {
  const { listenPort, bindNodeAddress, ignoredInterfaces } = settings;
  const ignored = ['cali*', 'kube-ipvs*', ...ignoredInterfaces].map((name) => `-"${name}", `).join('');
  const port = listenPort === 179 ? '' : ` port ${listenPort}`;
  return [
    'protocol kernel {',
    '  learn;',
    '  persist;',
    '  scan time 2;',
    '  graceful restart;',
    '  merge paths on;',
    // BIRD 1.6 sets no metric.
    '  metric 0;',
    '  ipv4 { import all; export filter calico_kernel_programming; };',
    '}',
    'protocol device { scan time 2; }',
    `protocol direct { ipv4; interface ${ignored}"*"; }`,
    'template bgp bgp_template {',
    '  description "Connection to BGP peer";',
    `  local${port} as ${node.asNumber ?? settings.asNumber};`,
    ...(bindNodeAddress ? ['  strict bind on;'] : []),
    '  graceful restart;',
    '  connect delay time 2;',
    '  connect retry time 5;',
    '  error wait time 5,30;',
    '  ipv4 { gateway recursive; add paths on; };',
    '}',
  ];
}

/** Own blocks as blackholes, so that an address without a pod is not sent back; a block of one address is that pod's own route. */
function statics({ blocks, peers }: BirdInput): readonly string[] {
  const routes = [
    ...blocks.filter((block) => !block.endsWith('/32')).map((block) => `  route ${block} blackhole;`),
    ...new Set(
      peers.flatMap(({ address, reachableBy }) =>
        reachableBy === undefined ? [] : [`  route ${address}/32 via ${reachableBy};`],
      ),
    ),
  ];
  return ['protocol static {', '  ipv4;', ...routes, '}'];
}
