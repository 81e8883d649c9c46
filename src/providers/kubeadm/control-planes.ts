import type { Facts } from '../../core/facts.ts';
import { type Phase, phaseFrom, unreachableStep } from '../../core/plan.ts';
import type { HostFacts } from '../../kubeadm/host-facts.ts';
import { CONTAINERD_SOCKET } from '../../kubeadm/paths.ts';
import {
  type KubeadmControlPlanePlace,
  kubeadmControlPlane,
  readyControlPlane,
} from '../../steps/kubeadm/control-plane.ts';
import { kubeadmNode } from '../../steps/kubeadm/node.ts';
import { ranks } from '../ranks.ts';
import {
  addressOf,
  answersOf,
  askedHost,
  controlPlanes,
  endpointOf,
  type KubeadmMachine,
  type Making,
} from './machines.ts';
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
  const place = {
    ...{ host, name, cluster: cluster.metadata.name, criSocket: CONTAINERD_SOCKET, pods: network.pods },
    ...(await elsewhere(making, facts)),
  };
  const wish = {
    version: provider.kubeadm?.version ?? '',
    pods: network.pods,
    services: network.services,
    ...(endpoint === undefined ? {} : { endpoint }),
  };
  return [kubeadmControlPlane(place, readyControlPlane(wish, address))];
}

/** Where the cluster lives when it is gone from the machine on which it was made, and which machines do not say whether it does. */
async function elsewhere(making: Making, facts: Facts): Promise<Pick<KubeadmControlPlanePlace, 'living' | 'silent'>> {
  const { cluster, first } = making;
  const answers = await answersOf(making, facts);
  const answerOf = ({ host }: KubeadmMachine) => answers.find((answer) => answer.host === host);
  const own = answerOf(first);
  if (!own || 'error' in own || isWhole(own.facts)) return {};
  const others = controlPlanes(making).filter((machine) => machine !== first);
  const silent = others.filter((machine) => 'error' in (answerOf(machine) ?? {})).map(({ name }) => name);
  const alive = others.flatMap((machine) => {
    const answer = answerOf(machine);
    return answer && 'facts' in answer && answer.facts.owner === cluster.metadata.name && isWhole(answer.facts)
      ? [answer.facts]
      : [];
  });
  const [api, pin] = [endpointOf(cluster), alive[0]?.pin];
  if (api === undefined || pin === undefined) return silent.length > 0 ? { silent } : {};
  return { living: { asked: askedHost(making, first), api, pin } };
}

/** It may have lost files since: an init mends that where it is. */
const isWhole = ({ stage, ready }: HostFacts): boolean =>
  ready && (stage === 'control-plane' || stage === 'half-initialised');
