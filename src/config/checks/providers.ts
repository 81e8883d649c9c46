import { contains } from '../../net/cidr.ts';
import { nodesAreBehindGateway, providersOf } from '../defaults.ts';
import { formatPath } from '../path.ts';
import { type Check, error, repeated, warning } from './check.ts';

const provider = ['spec', 'provider'] as const;
const hosts = [...provider, 'kubeadm', 'hosts'] as const;

export const oneProvider: Check = function* (cluster) {
  if (!cluster.spec?.provider) return;
  const named = Object.keys(cluster.spec.provider);
  if (named.length === 0) yield error(provider, 'names no provider: give one of k3d, kubeadm, existing and lab');
  if (named.length > 1) yield error(provider, `must be exactly one of ${named.join(', ')}`);
};

/** Networks that nobody can guess. */
export const networksGiven: Check = function* (cluster) {
  const [name, ...more] = providersOf(cluster);
  if (more.length > 0 || (name !== 'kubeadm' && name !== 'existing')) return;
  const network = cluster.spec?.network ?? {};
  for (const field of ['nodes', 'pods', 'services'] as const)
    if (!Object.hasOwn(network, field))
      yield error(['spec', 'network', field], `is missing: provider ${name} cannot know it`);
};

export const distinctHosts: Check = function* (cluster) {
  const all = cluster.spec?.provider?.kubeadm?.hosts ?? [];
  for (const field of ['name', 'address'] as const) {
    const values = all.map((host, i) => ({ value: host?.[field], path: [...hosts, i, field] }));
    for (const { value, path, before } of repeated(values))
      yield error(path, `${value} is ${formatPath(before)} already`);
  }
};

export const hostsOnNodeNetwork: Check = function* (cluster) {
  const nodes = cluster.spec?.network?.nodes;
  for (const [i, host] of (cluster.spec?.provider?.kubeadm?.hosts ?? []).entries())
    if (nodes !== undefined && host?.address !== undefined && !contains(nodes, host.address))
      yield error([...hosts, i, 'address'], `${host.address} is outside the node network ${nodes}`);
};

export const controlPlane: Check = function* (cluster) {
  const kubeadm = cluster.spec?.provider?.kubeadm;
  if (!kubeadm?.hosts || kubeadm.hosts.some((host) => host?.role === undefined)) return;
  const masters = kubeadm.hosts.filter((host) => host?.role === 'control-plane').length;
  if (masters === 0) yield error(hosts, 'has no control-plane: one host at least has that role');
  if (masters > 1 && !Object.hasOwn(kubeadm, 'controlPlaneEndpoint'))
    yield error(
      [...provider, 'kubeadm', 'controlPlaneEndpoint'],
      `is missing: ${masters} control planes share an address, and kubeadm cannot add it later`,
    );
};

/** The publishers' own keys are known. */
export const keyOfMirrors: Check = function* (cluster) {
  const { kubernetes, docker, key } = cluster.spec?.provider?.kubeadm?.repositories ?? {};
  if (key !== undefined && kubernetes === undefined && docker === undefined)
    yield error(
      [...provider, 'kubeadm', 'repositories', 'key'],
      'is the key of a mirror, and none is named: give kubernetes or docker beside it',
    );
  const host = cluster.spec?.host?.repositories ?? {};
  if (host.key !== undefined && host.docker === undefined)
    yield error(
      ['spec', 'host', 'repositories', 'key'],
      'is the key of a mirror, and none is named: give docker beside it',
    );
};

/** Docker is installed on the machine of k3d, and only where the file lets cpaas do so. */
export const mirrorThatIsUsed: Check = function* (cluster) {
  const { prepare, repositories } = cluster.spec?.host ?? {};
  const [name, ...more] = providersOf(cluster);
  if (repositories?.docker === undefined || name === undefined || more.length > 0) return;
  const path = ['spec', 'host', 'repositories', 'docker'] as const;
  if (name !== 'k3d')
    yield warning(path, `has no effect: with provider ${name} cpaas installs no Docker on this machine`);
  else if (prepare === false)
    yield warning(path, 'has no effect: cpaas installs Docker only with spec.host.prepare: true');
};

/** Two servers lose their majority with either one. */
export const oddServers: Check = function* (cluster) {
  const servers = cluster.spec?.provider?.k3d?.servers;
  if (servers !== undefined && servers % 2 === 0)
    yield warning([...provider, 'k3d', 'servers'], `${servers} servers survive no more losses than ${servers - 1}`);
};

export const persistedRoutes: Check = function* (cluster) {
  if (cluster.spec?.routes?.persist !== 'boot' || providersOf(cluster).length !== 1) return;
  const path = ['spec', 'routes', 'persist'] as const;
  if (!nodesAreBehindGateway(cluster))
    yield warning(path, 'has no effect: routers reach the nodes directly, so there are no host routes');
  else if (cluster.spec.provider?.lab)
    yield warning(path, 'has no effect: a lab is gone when its machine starts again');
};

/** A lab brings its own programs and fetches nothing. */
export const labFetchesNothing: Check = function* (cluster) {
  if (providersOf(cluster).join() !== 'lab') return;
  const { artifacts, tools } = cluster.spec ?? {};
  for (const field of ['mirror', 'bundle'] as const)
    if (artifacts?.[field] !== undefined)
      yield warning(['spec', 'artifacts', field], 'has no effect: a lab fetches nothing');
  for (const [field, value] of Object.entries(tools ?? {}))
    if (field !== 'folder' && value !== undefined)
      yield warning(['spec', 'tools', field], 'has no effect: a lab brings its own programs');
};

/** Both ways of going through another host cannot be taken at once. */
export const oneWayIn: Check = function* (cluster) {
  const logins = [
    ...(cluster.spec?.routers ?? []).map((router, i) => ({
      ssh: router?.bigip?.ssh,
      path: ['spec', 'routers', i, 'bigip', 'ssh'],
    })),
    ...(cluster.spec?.provider?.kubeadm?.hosts ?? []).map((host, i) => ({
      ssh: host?.ssh,
      path: [...hosts, i, 'ssh'],
    })),
  ];
  for (const { ssh, path } of logins)
    if (ssh?.proxyCommand && ssh.proxyJump !== undefined)
      yield error([...path, 'proxyJump'], 'stands beside proxyCommand: give one of them');
};
