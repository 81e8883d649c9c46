import { contains, isHostOf, overlaps } from '../../net/cidr.ts';
import { nodesAreBehindGateway, providersOf, routersLan } from '../defaults.ts';
import { formatPath } from '../path.ts';
import { nearest } from '../spelling.ts';
import { type Check, error, networksOf, repeated, routersOf, warning } from './check.ts';
import { specialUse } from './networks.ts';

export const someRouters: Check = function* (cluster) {
  if (cluster.spec?.routers?.length === 0)
    yield warning(['spec', 'routers'], 'is empty: nothing will peer with the nodes');
};

/** Two entries for one unit would undo each other. */
export const distinctRouters: Check = function* (cluster) {
  for (const field of ['name', 'address'] as const) {
    const values = routersOf(cluster).map(({ router, path }) => ({ value: router[field], path: [...path, field] }));
    for (const { value, path, before } of repeated(values))
      yield error(path, `${value} is ${formatPath(before)} already`);
  }
  const units = routersOf(cluster).map(({ router: { bigip }, path }) => ({
    value: bigip?.ssh?.host && `${bigip.ssh.host}, port ${bigip.ssh.port ?? 22}, route domain ${bigip.routeDomain}`,
    path: [...path, 'bigip', 'ssh', 'host'],
  }));
  for (const { value, path, before } of repeated(units))
    yield error(path, `${value} is ${formatPath(before)} already: each unit of a pair has its own address`);
};

/** Traffic to a router must not look like traffic to a pod or a Service, nor to a node behind a gateway. */
export const routersOutside: Check = function* (cluster) {
  const behind = nodesAreBehindGateway(cluster);
  for (const { router, path } of routersOf(cluster))
    for (const { name, words, cidr } of networksOf(cluster)) {
      if (router.address === undefined || name === 'lan' || !contains(cidr, router.address)) continue;
      const where = [...path, 'address'];
      if (name !== 'nodes') yield error(where, `${router.address} is inside the ${words} ${cidr}`);
      else if (behind)
        yield error(
          where,
          `${router.address} is inside the ${words} ${cidr}: nodes are behind a machine here, and routers on its other side`,
        );
    }
};

export const routersCanHaveAddress: Check = function* (cluster) {
  const lan = routersLan(cluster);
  for (const { router, path } of routersOf(cluster)) {
    if (router.address === undefined) continue;
    const special = specialUse(router.address);
    if (special) yield error([...path, 'address'], `${router.address} ${special}`);
    else if (lan !== undefined && contains(lan, router.address) && !isHostOf(lan, router.address))
      yield error([...path, 'address'], `${router.address} is the network's own or the broadcast address of ${lan}`);
    else if (cluster.spec?.network?.gateway === router.address)
      yield error(
        [...path, 'address'],
        `${router.address} is spec.network.gateway, which is the machine before the nodes`,
      );
  }
};

export const routersAreNotHosts: Check = function* (cluster) {
  const hosts = cluster.spec?.provider?.kubeadm?.hosts ?? [];
  for (const { router, path } of routersOf(cluster)) {
    const i = hosts.findIndex((host) => host?.address !== undefined && host.address === router.address);
    if (i >= 0)
      yield error([...path, 'address'], `${router.address} is spec.provider.kubeadm.hosts[${i}].address already`);
  }
};

export const peersExist: Check = function* (cluster) {
  const all = routersOf(cluster).map(({ router, path }) => ({ ...router, path }));
  const complete = all.every(({ name }) => name !== undefined);
  for (const { name, peers = [], path } of all)
    for (const [i, peer] of peers.entries()) {
      const others = all.filter((other) => other.name !== undefined && other.name !== name);
      const where = [...path, 'peers', i];
      if (peer === undefined || others.some((other) => other.name === peer)) continue;
      const meant = others.find(({ address }) => address === peer)?.name;
      const near = nearest(
        peer,
        others.flatMap((other) => other.name ?? []),
      );
      if (peer === name) yield error(where, `${peer} cannot peer with itself`);
      else if (meant !== undefined) yield error(where, `${peer} is the address of ${meant}: write the name`);
      else if (complete)
        yield error(where, `there is no router ${peer}${near === undefined ? '' : `: did you mean ${near}?`}`);
    }
};

/** A session has two ends; cpaas configures only what each router's own entry says. */
export const peersAgree: Check = function* (cluster) {
  const all = routersOf(cluster);
  for (const { router, path } of all)
    for (const [i, peer] of (router.peers ?? []).entries()) {
      const other = all.find(({ router: { name } }) => name !== undefined && name === peer)?.router;
      if (other && router.name !== undefined && other !== router && !other.peers?.includes(router.name))
        yield warning(
          [...path, 'peers', i],
          `${peer} does not have ${router.name} among its peers: the session stays down`,
        );
    }
};

/** A source is let through to pods; pods themselves need no leave. */
export const sourcesOutside: Check = function* (cluster) {
  for (const { router, path } of routersOf(cluster))
    for (const [i, source] of (router.sources ?? []).entries())
      for (const { name, words, cidr } of networksOf(cluster))
        if (source !== undefined && name !== 'lan' && name !== 'nodes' && overlaps(source, cidr))
          yield error(
            [...path, 'sources', i],
            `${source} overlaps the ${words} ${cidr}: sources are outside the cluster`,
          );
};

export const sshGiven: Check = function* (cluster) {
  const [provider, ...more] = providersOf(cluster);
  if (provider === undefined || provider === 'lab' || more.length > 0) return;
  for (const { router, path } of routersOf(cluster))
    if (router.bigip && !Object.hasOwn(router.bigip, 'ssh'))
      yield error([...path, 'bigip', 'ssh'], 'is missing: only a lab knows how to log in by itself');
};
