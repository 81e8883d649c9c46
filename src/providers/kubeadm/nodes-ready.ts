import type { Fact, Facts } from '../../core/facts.ts';
import type { Gate } from '../../core/gate.ts';
import { calicoNodePods } from '../../facts/cluster/calico-node-pods.ts';
import { nodes } from '../../facts/cluster/nodes.ts';
import { kubeadmHosts, outOfReach } from '../../facts/host/kubeadm-hosts.ts';
import { isPassing } from '../../kube/failure.ts';
import { SHOWING_NODES } from '../showing-nodes.ts';
import type { KubeadmMachine, Making } from './machines.ts';
import { accessOf } from './network.ts';
import { someNames } from './some-names.ts';

/** Milliseconds: images of the network plugin have to come, and each node has to register. */
const DEADLINE = 300_000;

/** Every node of the file is Ready, and Calico runs on it. Machines that are down are not waited for. */
export const nodesReady = (making: Making): Gate => ({
  title: 'nodes',
  deadline: DEADLINE,
  next: SHOWING_NODES,
  async missing(facts) {
    try {
      const late = await machinesNotReady(making, facts);
      const down = await facts.get(downNodes(making));
      const waited = late.filter(({ name }) => !down.includes(name));
      if (waited.length > 0) return `not Ready yet: ${someNames(waited.map(({ name }) => name))}`;
      const pods = (await facts.get(calicoNodePods(accessOf(making)))).filter(({ ready }) => ready);
      const wanted = making.machines.filter((machine) => !late.includes(machine));
      const without = wanted.filter(({ name }) => !pods.some(({ node }) => node === name));
      if (without.length === 0) return undefined;
      return `calico-node is Ready on ${wanted.length - without.length} of ${wanted.length} nodes, not on ${someNames(without.map(({ name }) => name))}`;
    } catch (error) {
      // an API server that starts again is one more thing to wait for
      if (isPassing(error)) return error.message;
      throw error;
    }
  },
  ahead: async (facts) => Promise.all([facts.get(downNodes(making)), facts.get(calicoNodePods(accessOf(making)))]),
  leftOut: (facts) => facts.get(downNodes(making)),
});

/** Names of the machines of the file that are no Ready nodes and do not answer either: nobody can wait for what they should do. */
export const downNodes = (making: Making): Fact<readonly string[]> => ({
  name: `kubeadm nodes that are down ${making.machines.map(({ host }) => host).join(' ')}`,
  async read(_, facts) {
    const late = await machinesNotReady(making, facts);
    const answers = await facts.get(kubeadmHosts(late.map(({ host }) => host)));
    const silent = new Set(answers.filter(outOfReach).map(({ host }) => host));
    return late.flatMap(({ name, host }) => (silent.has(host) ? [name] : []));
  },
});

async function machinesNotReady({ machines, ...making }: Making, facts: Facts): Promise<readonly KubeadmMachine[]> {
  const known = await facts.get(nodes(accessOf({ machines, ...making })));
  return machines.filter((machine) => !known.some(({ name, ready }) => name === machine.name && ready));
}
