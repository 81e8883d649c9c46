import { contains, overlaps, parseAddress } from '../../net/cidr.ts';
import { nodesAreBehindGateway, providersOf } from '../defaults.ts';
import { formatPath } from '../path.ts';
import { type Check, error, repeated, routersOf, warning } from './check.ts';

const network = ['spec', 'network', 'ipv6'] as const;

/** Ranges that are no networks of one's own. */
const SPECIAL = { '::/127': 'means this host', 'fe80::/10': 'is link-local', 'ff00::/8': 'is multicast' } as const;

const special = (where: string): string | undefined =>
  Object.entries(SPECIAL).find(([range]) => overlaps(range, where))?.[1];

/** cpaas makes clusters, forwards and routes over IPv4; it joins what is dual-stack already. */
export const ipv6WhereItWorks: Check = function* (cluster) {
  const [name, ...more] = providersOf(cluster);
  const { ipv6, gateway } = cluster.spec?.network ?? {};
  if (ipv6 === undefined || name === undefined || more.length > 0) return;
  if (name !== 'existing')
    yield error(network, `is for clusters that exist: ${name} makes clusters of IPv4 alone so far`);
  else if (nodesAreBehindGateway(cluster))
    yield error(network, `cannot be reached through ${gateway}: cpaas routes and forwards IPv4 alone there`);
};

export const ipv6Networks: Check = function* (cluster) {
  const { nodes, pods, blockSize } = cluster.spec?.network?.ipv6 ?? {};
  for (const [field, cidr] of Object.entries({ nodes, pods })) {
    const use = cidr === undefined ? undefined : special(cidr);
    if (use !== undefined) yield error([...network, field], `${cidr} ${use}`);
  }
  if (nodes !== undefined && pods !== undefined && overlaps(nodes, pods))
    yield error([...network, 'pods'], `${pods} overlaps the node network ${nodes}`);
  if (pods !== undefined && blockSize !== undefined && Number(pods.split('/')[1]) >= blockSize)
    yield error(
      [...network, 'pods'],
      `${pods} is no bigger than one block of /${blockSize}: it is divided among nodes`,
    );
};

/** Both ends, or neither. */
export const ipv6BothEnds: Check = function* (cluster) {
  const { ipv6 } = cluster.spec?.network ?? {};
  const all = routersOf(cluster);
  const speaking = all.filter(({ router }) => router.ipv6 !== undefined);
  if (ipv6 === undefined)
    for (const { path } of speaking)
      yield error(
        [...path, 'ipv6'],
        'has nothing to peer with: give the IPv6 networks of the cluster in spec.network.ipv6',
      );
  else if (speaking.length === 0 && all.length > 0)
    yield warning(network, 'has no effect: no router has an ipv6 to peer with');
};

export const ipv6Addresses: Check = function* (cluster) {
  const { nodes, pods } = cluster.spec?.network?.ipv6 ?? {};
  const all = routersOf(cluster).map(({ router, path }) => ({
    value: router.ipv6?.address,
    path: [...path, 'ipv6', 'address'],
  }));
  for (const { value, path, before } of repeated(all)) yield error(path, `${value} is ${formatPath(before)} already`);
  for (const { value, path } of all) {
    const use = value === undefined ? undefined : special(value);
    if (use !== undefined) yield error(path, `${value} ${use}`);
    else if (value !== undefined && pods !== undefined && contains(pods, value))
      yield error(path, `${value} is inside the pod network ${pods}`);
    else if (value !== undefined && nodes !== undefined && !contains(nodes, value))
      yield error(
        path,
        `${value} is outside the node network ${nodes}: a unit reaches nodes over IPv6 on a link they share`,
      );
  }
};

/** The second BGPPeer of a router has its name with a word behind it. */
export const ipv6Names: Check = function* (cluster) {
  const all = routersOf(cluster);
  for (const { router, path } of all) {
    const first = all.find(({ router: { name, ipv6 } }) => ipv6 && router.name === `${name}-ipv6`)?.router.name;
    if (first !== undefined)
      yield error([...path, 'name'], `${router.name} is what the BGPPeer of ${first} over IPv6 is called`);
  }
};

/** A self-IP has one address, and a session leaves by one of its own protocol. */
export const ipv6SelfIps: Check = function* (cluster) {
  for (const { router, path } of routersOf(cluster)) {
    const { ipv6, bigip } = router;
    if (ipv6?.selfIp !== undefined && ipv6.selfIp === bigip?.selfIp)
      yield error([...path, 'ipv6', 'selfIp'], `${ipv6.selfIp} is bigip.selfIp already, which holds ${router.address}`);
    if (ipv6 && bigip?.updateSource !== undefined && parseAddress(bigip.updateSource))
      yield error(
        [...path, 'bigip', 'updateSource'],
        'is an address, which sessions of one protocol cannot come from: name a VLAN',
      );
  }
};
