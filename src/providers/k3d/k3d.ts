import { join as path } from 'node:path';
import type { Cluster } from '../../config/schema.ts';
import { bridgeName, k3sImage, networkName, nodeKeys, nodeNames } from '../../k3d/names.ts';
import { CLUSTER } from '../../k3d/parts.ts';
import type { ClusterShape } from '../../k3d/shape.ts';
import { k3dCluster } from '../../steps/k3d/cluster.ts';
import type { Provider } from '../blueprint.ts';
import { hostPhase } from '../hosts/host-phase.ts';
import { toolsNeeded, toolsPhase } from '../hosts/tools-phase.ts';
import { dockerUser, HERE_AS_ROOT, workstation } from '../hosts/workstation.ts';
import { join } from '../join/join.ts';
import { routerHosts, routerTargets } from '../routers.ts';
import { k3dPhase } from './phase.ts';

const HERE = 'local';

/** P1: nodes in containers on this machine, which routers reach through it. */
export const k3d: Provider = {
  name: 'k3d',
  blueprint(cluster, { env, folder, asRoot = false }) {
    const { name } = cluster.metadata;
    const { servers, agents, version: release } = settingsOf(cluster);
    const routers = routerTargets(cluster);
    const place = {
      host: HERE,
      cluster: name,
      folder: path(folder, 'k3d'),
      kubeconfig: path(folder, 'kubeconfig'),
      network: networkName(name),
      nodes: cluster.spec.network.nodes,
    };
    const kube = { host: HERE, kubeconfig: place.kubeconfig };
    // the journals of root's clusters have it under that key
    const gateway = asRoot ? HERE : HERE_AS_ROOT;
    const keys = nodeKeys(servers, agents);
    const names = keys.flatMap((key) => nodeNames(name, key));
    const host = hostPhase({ cluster, host: HERE_AS_ROOT, user: dockerUser(env), kubeconfig: place.kubeconfig });
    const tools = toolsPhase(cluster, HERE_AS_ROOT);
    const phase = k3dPhase({
      cluster,
      place,
      kube,
      shape: shapeOf(cluster),
      agents,
      release,
      routers,
      bridge: bridgeName(name),
      after: [...host, ...tools].map((each) => each.name),
    });
    const joined = join({
      cluster,
      kube,
      identity: `k3d:${name}`,
      routers,
      nodes: names,
      after: [phase.name],
      gateway,
      within: { step: k3dCluster(place, []).id, key: CLUSTER },
    });
    return {
      provider: 'k3d',
      plan: { name, phases: [...host, ...tools, phase, ...joined] },
      hosts: {
        // Docker may have been installed a moment ago, and its group is that of a login from the next one on
        [HERE]: { name: 'here', reach: { via: 'local' }, ...(asRoot ? {} : { group: 'docker' }) },
        ...(asRoot && host.length + tools.length === 0 ? {} : workstation(cluster)),
        ...routerHosts(cluster),
      },
      kube,
      nodes: names,
      size: keys.length,
      routers,
      needs: [{ name: 'calico-manifest', version: cluster.spec.calico.version }, ...toolsNeeded(cluster)],
      gateway,
    };
  },
};

function settingsOf({ metadata, spec }: Cluster) {
  const { k3d } = spec.provider;
  if (!k3d) throw new Error(`${metadata.name} is no cluster of k3d`);
  return k3d;
}

/** What the file says of the cluster and cannot be changed in one that runs. */
function shapeOf(cluster: Cluster): ClusterShape {
  const { network, calico } = cluster.spec;
  const { servers, version, tlsSans, disable } = settingsOf(cluster);
  return {
    image: k3sImage(version),
    servers,
    args: [
      '--flannel-backend=none',
      '--disable-network-policy',
      `--cluster-cidr=${network.pods}`,
      `--service-cidr=${network.services}`,
      ...(disable.length === 0 ? [] : [`--disable=${disable.join(',')}`]),
    ],
    tlsSans: [...tlsSans],
    calico: {
      version: calico.version,
      pods: network.pods,
      blockSize: calico.blockSize,
      encapsulation: calico.encapsulation,
      natOutgoing: calico.natOutgoing,
    },
  };
}
