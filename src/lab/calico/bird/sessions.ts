import { filterFunction } from './filters.ts';
import type { BgpNode, BirdInput, Filter, Peer } from './model.ts';

const underscored = (address: string) => address.replaceAll('.', '_');

/**
 * Sessions with the other nodes. Of two nodes the one whose address is smaller *as text* waits for the other, as in Calico:
 * both would open a connection otherwise.
 */
export function meshProtocols({ node, nodes, settings }: BirdInput): readonly string[] {
  if (!settings.mesh || node.routeReflectorClusterId !== undefined) return [];
  const others = nodes.filter(({ name, routeReflectorClusterId }) => {
    return name !== node.name && routeReflectorClusterId === undefined;
  });
  return [
    // What all have in common stands once: a hundred nodes are a hundred times less to read for each BIRD.
    'template bgp mesh_template from bgp_template {',
    `  source address ${node.address};`,
    ...meshDelay(nodes.length),
    ...(settings.meshRestartTime === undefined ? [] : [`  graceful restart time ${settings.meshRestartTime};`]),
    ...(settings.meshPassword === undefined ? [] : [`  password ${quoted(settings.meshPassword)};`]),
    '  ipv4 {',
    '    import all;',
    '    export filter { calico_export_to_bgp_peers(true); reject; };',
    '  };',
    '}',
    ...others.flatMap((other) => [
      `protocol bgp Mesh_${underscored(other.address)} from mesh_template {`,
      `  neighbor ${other.address} as ${other.asNumber ?? settings.asNumber};`,
      ...(waitsFor(node, other) ? ['  passive on;'] : []),
      '}',
    ]),
  ];
}

/** Nodes whose mesh one machine can bring up without a thought. */
const EASY_MESH = 20;

/**
 * A bigger mesh begins later than Calico's 2 s: its thousands of sessions hold up everything else on the machine that all nodes share,
 * and who has that many nodes switches it off right after the start.
 */
const meshDelay = (nodes: number): readonly string[] =>
  nodes <= EASY_MESH ? [] : [`  connect delay time ${2 + Math.ceil((nodes - EASY_MESH) / 8)};`];

const waitsFor = (node: BgpNode, other: BgpNode) => other.address > node.address;

/** A session with a router, or with a node that a BGPPeer names. */
export function peerProtocol(peer: Peer, { node, settings, filters }: BirdInput): readonly string[] {
  const { address, port, localAsNumber, toNode } = peer;
  const own = localAsNumber ?? node.asNumber ?? settings.asNumber;
  const internal = peer.asNumber === own;
  const name = `${peer.scope}_${underscored(address)}${port === undefined ? '' : `_port_${port}`}`;
  const reflects =
    toNode !== undefined &&
    node.routeReflectorClusterId !== undefined &&
    toNode.routeReflectorClusterId !== node.routeReflectorClusterId;
  return [
    `protocol bgp ${name} from bgp_template {`,
    ...(localAsNumber === undefined ? [] : [`  local as ${localAsNumber};`]),
    ...(peer.ttlSecurity === undefined
      ? ['  ttl security off;', '  multihop;']
      : ['  ttl security on;', `  multihop ${peer.ttlSecurity};`]),
    `  neighbor ${address}${port === undefined ? '' : ` port ${port}`} as ${peer.asNumber};`,
    ...(peer.sourceAddress ? [`  source address ${node.address};`] : []),
    ...(reflects ? ['  rr client;', `  rr cluster id ${node.routeReflectorClusterId};`] : []),
    ...(peer.restartTime === undefined ? [] : [`  graceful restart time ${peer.restartTime};`]),
    ...(peer.allowedLocalAs === undefined ? [] : [`  allow local as ${peer.allowedLocalAs};`]),
    ...(peer.password === undefined ? [] : [`  password ${quoted(peer.password)};`]),
    ...(toNode !== undefined && waitsFor(node, toNode) ? ['  passive on;'] : []),
    '  ipv4 {',
    `    import filter { ${calls(peer, filters, 'import')}accept; };`,
    `    export filter { ${calls(peer, filters, 'export')}calico_export_to_bgp_peers(${internal}); reject; };`,
    ...(peer.nextHop === 'auto' ? [] : [`    next hop ${peer.nextHop};`]),
    '  };',
    '}',
  ];
}

/** Calls of the peer's filters that say something about a direction; a filter that does not exist (yet) says nothing. */
function calls({ filters: names }: Peer, filters: readonly Filter[], direction: 'import' | 'export'): string {
  return names
    .flatMap((name) => filters.find((filter) => filter.name === name) ?? [])
    .filter(({ imports, exports }) => (direction === 'import' ? imports : exports).length > 0)
    .map(({ name }) => `${filterFunction(name, direction)}(); `)
    .join('');
}

// BIRD has no way to write a quotation mark inside a string.
const quoted = (text: string) => `"${text.replaceAll(/["\n]/g, '')}"`;
