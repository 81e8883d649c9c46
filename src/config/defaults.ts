import { addressCount, contains, networkOf, nthAddress } from '../net/cidr.ts';
import { NETWORK_DEFAULTS } from './schema/network.ts';
import type { Cluster, ClusterFile, ClusterRouter } from './schema.ts';
import type { DeepPartial } from './shape.ts';
import type { UnitSwitches } from './unit-switches.ts';

export type ProviderName = 'k3d' | 'kubeadm' | 'existing' | 'lab';

/** A node of a lab as it will be made. */
export interface LabNodePlan {
  readonly name: string;
  readonly role: 'server' | 'agent';
  readonly address: string;
}

/** Number of the first node's address in the node network: behind the bridge's own .1, or past the routers of a LAN. */
const FIRST_NODE = { vm: 2, flat: 20 } as const;
/** Number of the VM's address on the routers' LAN. */
const VM = 10;
/** The routers' LAN when there is no router to tell. */
const LAN = '10.10.2.0/24';

/** The providers that the file names, which should be one. */
export function providersOf(file: DeepPartial<ClusterFile>): readonly ProviderName[] {
  const { k3d, kubeadm, existing, lab } = file.spec?.provider ?? {};
  const all = { k3d, kubeadm, existing, lab };
  return (['k3d', 'kubeadm', 'existing', 'lab'] as const).filter((name) => all[name] !== undefined);
}

export function providerOf(cluster: Cluster): ProviderName {
  const [name] = providersOf(cluster);
  if (name === undefined) throw new Error(`${cluster.metadata.name} has no provider`);
  return name;
}

/** Fills in the networks that follow from the provider. What the file gave stays, also when it is unusable. */
export function withNetworks(file: DeepPartial<ClusterFile>): DeepPartial<Cluster> {
  const network = { ...networkDefaults(file), ...file.spec?.network };
  return { ...file, spec: { ...file.spec, network } } as DeepPartial<Cluster>;
}

function networkDefaults(file: DeepPartial<ClusterFile>): DeepPartial<Cluster['spec']['network']> {
  const { lab, k3d, kubeadm } = file.spec?.provider ?? {};
  if (k3d) return NETWORK_DEFAULTS.bridged;
  if (lab) return lab.topology === 'flat' ? NETWORK_DEFAULTS.flat : NETWORK_DEFAULTS.bridged;
  return kubeadm ? NETWORK_DEFAULTS.machines : {};
}

/** Whether routers reach nodes only through one machine that needs forwarding and host routes. */
export function nodesAreBehindGateway({ spec }: DeepPartial<Cluster>): boolean {
  const { k3d, lab } = spec?.provider ?? {};
  return k3d !== undefined || lab?.topology === 'vm' || spec?.network?.gateway !== undefined;
}

/** The LAN that routers stand in: the node network itself where nothing is in between. */
export function routersLan(cluster: DeepPartial<Cluster>): string | undefined {
  const { network, routers } = cluster.spec ?? {};
  if (network?.lan !== undefined || !nodesAreBehindGateway(cluster)) return network?.lan ?? network?.nodes;
  const first = routers?.find((router) => router?.address !== undefined)?.address;
  return first === undefined ? LAN : networkOf(first, 24);
}

/** The VM's address in a lab of the `vm` topology: as the file says, or .10, or the next that no router has. */
export function labVmAddress(cluster: DeepPartial<Cluster>): string | undefined {
  const { provider, network, routers = [] } = cluster.spec ?? {};
  const lan = routersLan(cluster);
  if (provider?.lab?.topology !== 'vm' || lan === undefined) return undefined;
  const given = provider.lab.vm ?? network?.gateway;
  if (given !== undefined) return given;
  const taken = new Set(routers.map((router) => router?.address));
  const last = Number(addressCount(lan)) - 1;
  for (let n = VM; n < last; n++) if (!taken.has(nthAddress(lan, n))) return nthAddress(lan, n);
  return undefined;
}

/** The nodes of a lab, servers first; as many of them as the node network has addresses for. */
export function labNodes({ spec }: DeepPartial<Cluster>): readonly LabNodePlan[] {
  const { provider, network } = spec ?? {};
  const { topology, servers, agents } = provider?.lab ?? {};
  const nodes = network?.nodes;
  if (topology === undefined || servers === undefined || agents === undefined || nodes === undefined) return [];
  const first = FIRST_NODE[topology];
  const room = Math.max(0, Number(addressCount(nodes)) - 1 - first);
  return Array.from({ length: Math.min(servers + agents, room) }, (_, i) => ({
    ...(i < servers
      ? { name: `server-${i}`, role: 'server' as const }
      : { name: `agent-${i - servers}`, role: 'agent' as const }),
    address: nthAddress(nodes, first + i),
  }));
}

/** The pod networks by family. */
export const podNetworks = ({
  pods,
  ipv6,
}: Cluster['spec']['network']): { readonly 4: string; readonly 6?: string } => ({
  4: pods,
  ...(ipv6 ? { 6: ipv6.pods } : {}),
});

export function asNumberOf(cluster: Cluster, router: ClusterRouter): number {
  return router.asNumber ?? cluster.spec.bgp.asNumber;
}

/** Whether a router is in another AS than the cluster. */
export function isExternal(cluster: Cluster, router: ClusterRouter): boolean {
  return asNumberOf(cluster, router) !== cluster.spec.bgp.asNumber;
}

/** The routers that a router peers with. */
export function peersOf(cluster: Cluster, router: ClusterRouter): readonly ClusterRouter[] {
  return cluster.spec.routers.filter(({ name }) => router.peers.includes(name));
}

/** Whether nodes and a router have a link in common; otherwise sessions between two AS need multihop. */
export function isOnNodeNetwork(cluster: Cluster, router: ClusterRouter): boolean {
  return contains(cluster.spec.network.nodes, router.address);
}

/** The switches of one stand-in unit: those of all units, and its own on top. */
export function switchesOf(cluster: Cluster, router: ClusterRouter): UnitSwitches {
  const { routers = {}, ...all } = cluster.spec.provider.lab?.switches ?? {};
  return { ...all, ...routers[router.name] };
}
