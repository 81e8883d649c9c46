import { blockCount, contains, hostCount, overlaps } from '../../net/cidr.ts';
import { nodesAreBehindGateway, routersLan } from '../defaults.ts';
import { type Check, type Draft, error, networksOf, warning } from './check.ts';

/** Ranges that are no networks of one's own. */
const SPECIAL = {
  '0.0.0.0/8': 'means this host',
  '127.0.0.0/8': 'is loopback',
  '169.254.0.0/16': 'is link-local: Calico uses it towards pods',
  '224.0.0.0/3': 'is multicast or reserved',
} as const;

/** What is special about a range, in words. */
export function specialUse(cidrOrAddress: string): string | undefined {
  return Object.entries(SPECIAL).find(([range]) => overlaps(range, cidrOrAddress))?.[1];
}

export const usableNetworks: Check = function* (cluster) {
  for (const { cidr, path } of networksOf(cluster)) {
    const special = specialUse(cidr);
    if (special) yield error(path, `${cidr} ${special}`);
  }
};

/** The node network may be the routers' LAN; nothing else may touch anything. */
export const distinctNetworks: Check = function* (cluster) {
  const all = networksOf(cluster);
  for (const [i, { name, cidr, path }] of all.entries())
    for (const other of all.slice(0, i)) {
      const shared = name === 'lan' && other.name === 'nodes' && cidr === other.cidr && !nodesAreBehindGateway(cluster);
      if (!shared && overlaps(cidr, other.cidr)) yield error(path, `${cidr} overlaps the ${other.words} ${other.cidr}`);
    }
};

/** The pod network is divided into blocks, and every node that hosts a pod takes one. */
export const podBlocks: Check = function* (cluster) {
  const { pods } = cluster.spec?.network ?? {};
  const { blockSize } = cluster.spec?.calico ?? {};
  if (pods === undefined || blockSize === undefined) return;
  const count = blockCount(pods, blockSize);
  const path = ['spec', 'network', 'pods'];
  const nodes = nodeCount(cluster);
  if (count < 2n) yield error(path, `${pods} is no bigger than one block of /${blockSize}: it is divided among nodes`);
  else if (nodes !== undefined && count < BigInt(nodes))
    yield error(path, `${pods} has ${count} blocks of /${blockSize} for ${nodes} nodes`);
};

export const nodesFit: Check = function* (cluster) {
  const { nodes } = cluster.spec?.network ?? {};
  const count = nodeCount(cluster);
  const first = cluster.spec?.provider?.lab?.topology === 'flat' ? 20 : 2;
  if (nodes === undefined || count === undefined || cluster.spec?.provider?.kubeadm) return;
  const room = hostCount(nodes) - BigInt(first - 1);
  if (room < BigInt(count))
    yield error(
      ['spec', 'network', 'nodes'],
      `${nodes} has room for ${room < 0n ? 0n : room} nodes from .${first} on, not for ${count}`,
    );
};

/** How many nodes the provider will make; nothing for a cluster that exists. */
function nodeCount({ spec }: Draft): number | undefined {
  const { lab, k3d, kubeadm } = spec?.provider ?? {};
  const made = lab ?? k3d;
  if (kubeadm?.hosts) return kubeadm.hosts.length;
  return made?.servers === undefined || made.agents === undefined ? undefined : made.servers + made.agents;
}

export const gatewayOnLan: Check = function* (cluster) {
  const { gateway } = cluster.spec?.network ?? {};
  const lan = routersLan(cluster);
  if (gateway === undefined || lan === undefined) return;
  const path = ['spec', 'network', 'gateway'];
  if (cluster.spec?.provider?.lab?.topology === 'flat')
    yield warning(path, 'has no effect: routers reach the nodes directly');
  else if (!contains(lan, gateway))
    yield error(
      path,
      `${gateway} is outside the routers' LAN ${lan}: a router cannot send to it. Set network.lan if the LAN is another`,
    );
};

/** Docker takes 172.17.0.0/16 for its own bridge unless told otherwise. */
export const dockerBridge: Check = function* (cluster) {
  const docker0 = '172.17.0.0/16';
  if (!cluster.spec?.provider?.k3d) return;
  for (const { cidr, path } of networksOf(cluster))
    if (overlaps(cidr, docker0))
      yield warning(path, `${cidr} overlaps ${docker0}, which Docker's own bridge usually has`);
};
