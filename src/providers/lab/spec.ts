import { labNodes, labVmAddress, routersLan, switchesOf } from '../../config/defaults.ts';
import type { Cluster } from '../../config/schema.ts';
import type { LabSpec } from '../../lab/spec.ts';

/** The lab that a cluster file asks for. Pure: what is not in the file follows from it. */
export function labSpec(cluster: Cluster): LabSpec {
  const { network, calico, bgp, routers, provider } = cluster.spec;
  const { lab } = provider;
  if (!lab) throw new Error(`${cluster.metadata.name} is no lab`);
  const vm = labVmAddress(cluster);
  return {
    name: cluster.metadata.name,
    topology: lab.topology,
    docker: lab.topology === 'vm' ? lab.docker : 'none',
    calicoApi: lab.calicoApi,
    calicoVersion: calico.version,
    lan: routersLan(cluster) ?? network.nodes,
    ...(vm === undefined ? {} : { vm }),
    nodeNetwork: network.nodes,
    pods: network.pods,
    services: network.services,
    blockSize: calico.blockSize,
    natOutgoing: calico.natOutgoing,
    encapsulation: 'None',
    asNumber: bgp.asNumber,
    nodes: [...labNodes(cluster)],
    routers: routers.map((router) => ({
      name: router.name,
      address: router.address,
      selfIp: router.bigip.selfIp,
      switches: switchesOf(cluster, router),
    })),
  };
}
