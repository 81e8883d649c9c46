import { parseSelector } from '../selector.ts';
import { parsePeerIp } from '../validation/fields.ts';
import type { BgpNode, BgpSettings, Peer } from './model.ts';

/** A `BGPPeer`, read: what it is about, not yet for which node. */
export interface PeerObject {
  readonly name: string;
  readonly node?: string;
  readonly nodeSelector?: string;
  readonly peerIP?: string;
  readonly peerSelector?: string;
  readonly reversePeering?: 'Auto' | 'Manual';
  /** What all its sessions have in common. */
  readonly session: Omit<Peer, 'scope' | 'address' | 'port' | 'asNumber' | 'toNode'> & { readonly asNumber?: number };
}

/**
 * The sessions that BGPPeers give one node: with the router they name, or with each node their `peerSelector` picks. The latter works
 * both ways: a picked node gets the session back, unless `reversePeering` is manual.
 */
export function peersOf(
  node: BgpNode,
  objects: readonly PeerObject[],
  nodes: readonly BgpNode[],
  settings: BgpSettings,
): readonly Peer[] {
  const peers = objects.flatMap((object) => sessions(node, object, nodes, settings));
  const byName = new Map(peers.map((peer) => [`${peer.scope} ${peer.address} ${peer.port}`, peer]));
  // confd drops a session of single nodes where there is one of all nodes with the same address
  const isDropped = ({ scope, address, port }: Peer) => scope === 'Node' && byName.has(`Global ${address} ${port}`);
  return [...byName.values()].filter((peer) => !isDropped(peer));
}

function sessions(
  node: BgpNode,
  object: PeerObject,
  nodes: readonly BgpNode[],
  settings: BgpSettings,
): readonly Peer[] {
  const { session } = object;
  const scope = object.node === undefined && object.nodeSelector === undefined ? 'Global' : 'Node';
  if (object.peerSelector === undefined) {
    const target = parsePeerIp(object.peerIP ?? '');
    if (target === undefined || target.address.includes(':') || !appliesTo(object, node)) return [];
    const toNode = nodes.find(({ address }) => address === target.address);
    if (toNode?.name === node.name) return [];
    const asNumber = session.asNumber ?? settings.asNumber;
    return [{ ...session, scope, ...target, asNumber, ...(toNode && { toNode }) }];
  }
  const picks = picker(object.peerSelector);
  const forward = appliesTo(object, node) ? nodes.filter(picks) : [];
  const back =
    picks(node) && object.reversePeering !== 'Manual' ? nodes.filter((other) => appliesTo(object, other)) : [];
  return [...new Set([...forward, ...back])]
    .filter(({ name }) => name !== node.name)
    .map((toNode) => {
      const asNumber = toNode.asNumber ?? settings.asNumber;
      return { ...session, scope, address: toNode.address, asNumber, toNode };
    });
}

function appliesTo({ node, nodeSelector }: PeerObject, { name, labels }: BgpNode): boolean {
  if (node !== undefined) return node === name;
  return nodeSelector === undefined || picker(nodeSelector)({ labels });
}

/** A selector that cannot be read picks nothing: only raw writes bring one here. */
function picker(selector: string): (node: Pick<BgpNode, 'labels'>) => boolean {
  try {
    const matches = parseSelector(selector);
    return ({ labels }) => matches(labels);
  } catch {
    return () => false;
  }
}
