import type { Cluster } from '../../config/schema.ts';
import type { HostTable } from '../../core/host-spec.ts';
import { ADMIN_CONF } from '../../kubeadm/paths.ts';
import type { Provider } from '../blueprint.ts';
import { join } from '../join/join.ts';
import { routerHosts, routerTargets } from '../routers.ts';
import { kubeconfigPhase, nodeMarksPhase } from './after.ts';
import { controlPlanePhases, firstControlPlane } from './control-planes.ts';
import { hostsPhase } from './hosts.ts';
import { askedHost, controlPlanes, type KubeadmMachine, type Making, machinesOf } from './machines.ts';
import { accessOf, networkPhase, withinCluster } from './network.ts';
import { nodesPhase } from './nodes.ts';
import { downNodes } from './nodes-ready.ts';
import { softwareNeeds } from './software.ts';

/**
 * Several machines made one cluster over SSH: P2. Routers reach the nodes directly, so nothing has to be forwarded and no host needs
 * routes.
 */
export const kubeadm: Provider = {
  name: 'kubeadm',
  blueprint(cluster) {
    const machines = machinesOf(cluster);
    const making: Making = { cluster, machines, first: firstControlPlane(machines) };
    const kube = accessOf(making);
    const routers = routerTargets(cluster);
    const made = [
      ...[hostsPhase(making), ...controlPlanePhases(making), networkPhase(making)],
      ...[kubeconfigPhase(making), nodesPhase(making), ...nodeMarksPhase(making)],
    ];
    const names = machines.map(({ name }) => name);
    const joined = join({
      cluster,
      kube,
      routers,
      nodes: names,
      down: downNodes(making),
      after: made.slice(1).map(({ name }) => name),
      within: withinCluster(making),
    });
    return {
      provider: 'kubeadm',
      plan: { name: cluster.metadata.name, phases: [...made, ...joined] },
      hosts: { ...machineHosts(cluster, machines), ...askedHosts(making), ...routerHosts(cluster) },
      kube,
      nodes: names,
      routers,
      needs: softwareNeeds(cluster),
      gateway: undefined,
    };
  },
};

/** Whoever is not root uses sudo. */
const machineHosts = (cluster: Cluster, machines: readonly KubeadmMachine[]): HostTable =>
  Object.fromEntries(
    (cluster.spec.provider.kubeadm?.hosts ?? []).map(({ name, ssh }, at) => [
      machines[at]?.host ?? '',
      {
        name,
        reach: { via: 'ssh', ...ssh },
        ...(ssh.user === undefined || ssh.user === 'root' ? {} : { sudo: true }),
      },
    ]),
  );

/** Several control planes as one host, where any of them will do: all, and all but one. */
function askedHosts(making: Making): HostTable {
  const all = controlPlanes(making);
  return Object.fromEntries(
    [undefined, ...all].flatMap((but) => {
      const of = all.filter((machine) => machine !== but).map(({ host }) => host);
      const reach = { via: 'any' as const, of, having: ADMIN_CONF };
      return of.length > 1 ? [[askedHost(making, but), { name: 'control-planes', reach }]] : [];
    }),
  );
}
