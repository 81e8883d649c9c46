import { asNumberOf } from '../config/defaults.ts';
import type { Cluster, ClusterRouter } from '../config/schema.ts';
import { CpaasError } from '../core/errors.ts';
import type { HostSpec, HostTable, SshHost } from '../core/host-spec.ts';
import type { RouterTarget } from '../facts/router-target.ts';

/** The key of a host reached by SSH: its endpoint, which stays the same under another name in the file. */
export const sshKey = ({ host, port = 22, user = 'root' }: Pick<SshHost, 'host' | 'port' | 'user'>): string =>
  `ssh://${user}@${host}${port === 22 ? '' : `:${port}`}`;

/** How the file says that a unit is logged in to. */
function sshOf({ name, bigip }: ClusterRouter): SshHost {
  if (bigip.ssh) return { via: 'ssh', ...bigip.ssh };
  throw new CpaasError('CONFIG.SSH', `routers: ${name} has no bigip.ssh, so it cannot be logged in to`);
}

const keyOf = (router: ClusterRouter, fallback: string): string => sshKey(router.bigip.ssh ?? { host: fallback });

export const routerTargets = (cluster: Cluster): readonly RouterTarget[] =>
  cluster.spec.routers.map((router) => ({
    name: router.name,
    host: keyOf(router, router.address),
    address: router.address,
    asNumber: asNumberOf(cluster, router),
    routeDomain: router.bigip.routeDomain,
    ...(router.ipv6 ? { ipv6Address: router.ipv6.address } : {}),
  }));

/** The units as hosts, each reached as `reach` says; by what the file says of SSH when left out. */
export const routerHosts = (
  cluster: Cluster,
  spec: (router: ClusterRouter) => Omit<HostSpec, 'name'> = (router) => ({ reach: sshOf(router) }),
): HostTable =>
  Object.fromEntries(
    cluster.spec.routers.map((router) => [
      keyOf(router, router.address),
      { name: router.name, tmsh: true, ...spec(router) },
    ]),
  );
