import { CpaasError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts.ts';
import { type Phase, phaseFrom, unreachableStep } from '../../core/plan.ts';
import type { Step } from '../../core/step.ts';
import { clusterPin } from '../../facts/host/cluster-pin.ts';
import { CONTAINERD_SOCKET } from '../../kubeadm/paths.ts';
import { joinedNode, kubeadmNode } from '../../steps/kubeadm/node.ts';
import { ranks } from '../ranks.ts';
import { addressOf, apiOf, askedHost, type KubeadmMachine, type Making } from './machines.ts';
import { nodesReady } from './nodes-ready.ts';
import { someNames } from './some-names.ts';

/** The machines that join the cluster, all at a time: P2 row 6. */
export function nodesPhase(making: Making): Phase {
  const workers = making.machines.filter(({ role }) => role === 'worker');
  return phaseFrom(
    'Nodes',
    ranks.nodes,
    [kubeadmNode.kind],
    (facts) => Promise.all(workers.map((machine) => nodeStep(machine, making, facts))),
    {
      by: 'host',
      needs: ['Control plane'],
      preview: joining(workers.map(({ name }) => name)),
      until: [nodesReady(making)],
    },
  );
}

const joining = (names: readonly string[]): readonly string[] => {
  const some = someNames(names);
  return some === names.join(', ') ? names.map((name) => `${name} joins`) : [`${some} join`];
};

/** One machine as a member of the cluster, whichever its role. */
export async function nodeStep(machine: KubeadmMachine, making: Making, facts: Facts): Promise<Step> {
  const { cluster, first } = making;
  const { host, name, role } = machine;
  const asked = askedHost(making, machine);
  const [address, api] = await Promise.all([addressOf(machine, making, facts), apiOf(making, facts)]);
  if (address instanceof CpaasError) return unreachableStep(host, `node ${name}`, address);
  if (api instanceof CpaasError) throw api;
  const place = {
    host,
    name,
    api,
    cluster: cluster.metadata.name,
    controlPlane: first.host,
    ...(asked === first.host ? {} : { asked }),
    criSocket: CONTAINERD_SOCKET,
    pods: cluster.spec.network.pods,
  };
  return kubeadmNode(place, joinedNode({ role, address, cluster: await facts.get(clusterPin(asked)) }));
}
