import type { Facts } from '../../core/facts.ts';
import { type Phase, phaseFrom, unreachableStep } from '../../core/plan.ts';
import { CONTAINERD_SOCKET } from '../../kubeadm/paths.ts';
import { kubeadmControlPlane, readyControlPlane } from '../../steps/kubeadm/control-plane.ts';
import { kubeadmNode } from '../../steps/kubeadm/node.ts';
import { ranks } from '../ranks.ts';
import { addressOf, endpointOf, type KubeadmMachine, type Making } from './machines.ts';
import { nodeStep } from './nodes.ts';

const FIRST = 'Control plane';

export function firstControlPlane(machines: readonly KubeadmMachine[]): KubeadmMachine {
  const first = machines.find(({ role }) => role === 'control-plane');
  if (!first) throw new Error('a file without a control plane is refused');
  return first;
}

/** The cluster is made on the first machine, P2 row 3; further control planes join one after the other, as etcd takes members. */
export function controlPlanePhases(making: Making): readonly Phase[] {
  const { first, machines } = making;
  const further = machines.filter((machine) => machine.role === 'control-plane' && machine !== first);
  return [
    phaseFrom(FIRST, ranks.cluster, [kubeadmControlPlane.kind], (facts) => init(making, facts), { by: 'host' }),
    ...further.map((machine, at) =>
      phaseFrom(
        `${FIRST} ${machine.name}`,
        ranks.controlPlanes + at / 100,
        [kubeadmNode.kind],
        async (facts) => [await nodeStep(machine, making, facts)],
        { by: 'host', needs: [FIRST], preview: [`${machine.name} joins as control-plane`] },
      ),
    ),
  ];
}

async function init(making: Making, facts: Facts) {
  const { cluster, first } = making;
  const { network, provider } = cluster.spec;
  const { host, name } = first;
  const address = await addressOf(first, making, facts);
  if (typeof address !== 'string') return [unreachableStep(host, 'control plane', address)];
  const endpoint = endpointOf(cluster);
  const place = { host, name, cluster: cluster.metadata.name, criSocket: CONTAINERD_SOCKET, pods: network.pods };
  const wish = {
    version: provider.kubeadm?.version ?? '',
    pods: network.pods,
    services: network.services,
    ...(endpoint === undefined ? {} : { endpoint }),
  };
  return [kubeadmControlPlane(place, readyControlPlane(wish, address))];
}
