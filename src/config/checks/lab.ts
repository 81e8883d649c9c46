import { contains, isHostOf } from '../../net/cidr.ts';
import { labNodes, labVmAddress, routersLan } from '../defaults.ts';
import { nearest } from '../spelling.ts';
import { type Check, type Draft, error, networksOf, routersOf, warning } from './check.ts';
import { specialUse } from './networks.ts';

const lab = ['spec', 'provider', 'lab'] as const;
/** Nodes that one supervisor looks after. */
const MOST_NODES = 1000;

export const labSize: Check = function* (cluster) {
  const { servers, agents } = cluster.spec?.provider?.lab ?? {};
  if (servers !== undefined && agents !== undefined && servers + agents > MOST_NODES)
    yield error([...lab, 'agents'], `${servers + agents} nodes are too many: a lab has at most ${MOST_NODES}`);
};

/** Machines of a lab are namespaces `<cluster>-<machine>`, so their names must differ. */
export const labNames: Check = function* (cluster) {
  if (!cluster.spec?.provider?.lab) return;
  const taken = new Set(['vm', ...labNodes(cluster).map(({ name }) => name)]);
  for (const { router, path } of routersOf(cluster))
    if (router.name !== undefined && taken.has(router.name))
      yield error([...path, 'name'], `${router.name} is another machine of the lab: name the router otherwise`);
};

/** What stands in a wrong network altogether is told by `routersOutside`. */
export const labRoutersOnLan: Check = function* (cluster) {
  const lan = routersLan(cluster);
  if (!cluster.spec?.provider?.lab || lan === undefined) return;
  const why =
    cluster.spec.provider.lab.topology === 'flat' ? 'a flat lab has one LAN' : 'set network.lan to hold them all';
  for (const { router, path } of routersOf(cluster)) {
    const { address } = router;
    if (address === undefined || specialUse(address) || contains(lan, address)) continue;
    if (networksOf(cluster).every(({ cidr }) => !contains(cidr, address)))
      yield error([...path, 'address'], `${address} is outside the routers' LAN ${lan}: ${why}`);
  }
};

export const labAddresses: Check = function* (cluster) {
  const taken = labHosts(cluster);
  for (const { router, path } of routersOf(cluster)) {
    const host = router.address === undefined ? undefined : taken.get(router.address);
    if (host !== undefined) yield error([...path, 'address'], `${router.address} is the address of ${host}`);
  }
};

/** Where the machines of a lab stand that are no routers. */
function labHosts(cluster: Draft): ReadonlyMap<string, string> {
  const vm = labVmAddress(cluster);
  const nodes = labNodes(cluster).map(({ name, address }) => [address, name] as const);
  return new Map(vm === undefined ? nodes : [...nodes, [vm, 'the VM']]);
}

export const labVm: Check = function* (cluster) {
  const { topology, vm } = cluster.spec?.provider?.lab ?? {};
  const { gateway } = cluster.spec?.network ?? {};
  const lan = routersLan(cluster);
  const path = [...lab, 'vm'];
  if (vm === undefined) return;
  if (topology === 'flat') yield warning(path, 'has no effect: a flat lab has no VM');
  else if (lan !== undefined && !isHostOf(lan, vm))
    yield error(path, `${vm} is no host address of the routers' LAN ${lan}`);
  else if (gateway !== undefined && gateway !== vm)
    yield error(
      ['spec', 'network', 'gateway'],
      `${gateway} is not the VM, which is the way to the nodes of a lab: spec.provider.lab.vm is ${vm}`,
    );
};

export const labTunnels: Check = function* (cluster) {
  const encapsulation = cluster.spec?.calico?.encapsulation;
  if (cluster.spec?.provider?.lab && encapsulation !== undefined && encapsulation !== 'None')
    yield error(['spec', 'calico', 'encapsulation'], `a lab has no tunnels: write None, not ${encapsulation}`);
};

export const labSwitches: Check = function* (cluster) {
  const names = routersOf(cluster).flatMap(({ router }) => router.name ?? []);
  for (const name of Object.keys(cluster.spec?.provider?.lab?.switches?.routers ?? {})) {
    if (names.includes(name) || names.length < routersOf(cluster).length) continue;
    const near = nearest(name, names);
    const path = [...lab, 'switches', 'routers', name];
    yield { ...error(path, `there is no router ${name}${near ? `: did you mean ${near}?` : ''}`), at: 'key' };
  }
};
