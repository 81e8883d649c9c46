import { fileURLToPath } from 'node:url';
import type { Cluster, ClusterRouter } from '../../config/schema.ts';
import type { HostSpec, HostTable } from '../../core/host-spec.ts';
import { phase } from '../../core/plan.ts';
import { labLayout } from '../../lab/layout.ts';
import { LAB, routerKey } from '../../lab/part-keys.ts';
import { labMachines, labParts } from '../../steps/lab/machines.ts';
import type { Provider } from '../blueprint.ts';
import { join } from '../join/join.ts';
import { ranks } from '../ranks.ts';
import { routerHosts, routerTargets } from '../routers.ts';
import { labSpec } from './spec.ts';

const HERE = 'local';
const PHASE = 'Lab';

/**
 * The articles' network in namespaces of this machine. From here on it is a cluster like any other: hosts, a kubeconfig, units that
 * are logged in to by SSH.
 */
export const lab: Provider = {
  name: 'lab',
  blueprint(cluster) {
    const spec = labSpec(cluster);
    const { name, topology } = spec;
    const layout = labLayout(name);
    const behind = topology === 'vm';
    const first = spec.nodes[0]?.name ?? '';
    const machine = behind ? layout.vm : layout.namespace(first);
    const host = `netns:${machine}`;
    const step = labMachines({ host: HERE, lab: name }, labParts(spec));
    const within = { step: step.id, key: LAB };
    const kube = { host, kubeconfig: layout.kubeconfig };
    const routers = routerTargets(cluster);
    const joined = join({
      cluster,
      kube,
      identity: `lab:${name}`,
      routers,
      nodes: spec.nodes.map((node) => node.name),
      after: [PHASE],
      ...(behind ? { gateway: host } : {}),
      within,
      withinGateway: within,
      withinRouter: ({ address }) => ({ step: step.id, key: routerKey(address) }),
    });
    return {
      provider: `lab (${topology})`,
      plan: { name, phases: [phase(PHASE, ranks.lab, [step]), ...joined] },
      hosts: {
        [HERE]: { name: 'here', reach: { via: 'local' } },
        [host]: {
          name: machine,
          reach: { via: 'netns', namespace: machine, path: [layout.bin] },
          identity: `lab:${machine}`,
        },
        ...units(cluster),
      },
      kube,
      nodes: spec.nodes.map((node) => node.name),
      routers,
      gateway: behind ? host : undefined,
    };
  },
};

/** The units of a lab are logged in to from the inside, as by their management port: what is wrong with a self-IP does not lock us out. */
function units(cluster: Cluster): HostTable {
  const { name } = cluster.metadata;
  const layout = labLayout(name);
  const enter = fileURLToPath(new URL('../../lab/enter.js', import.meta.url));
  return routerHosts(
    cluster,
    ({ address, bigip }: ClusterRouter): Omit<HostSpec, 'name'> => ({
      identity: `lab:${name}/${address}`,
      reach: {
        ...(bigip.ssh ?? { user: 'root', identityFiles: [layout.identity] }),
        via: 'ssh',
        host: address,
        knownHosts: [layout.knownHosts],
        proxyCommand: [process.execPath, enter, name, address],
      },
    }),
  );
}
