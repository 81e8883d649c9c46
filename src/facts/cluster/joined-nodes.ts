import { CpaasError } from '../../core/errors.ts';
import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import type { Family } from '../router-target.ts';
import { type ClusterNode, nodes } from './nodes.ts';

/** A node that routers peer with, by its address of the family that is asked for. */
export interface JoinedNode extends ClusterNode {
  readonly address: string;
}

/**
 * The nodes that the file speaks of, as the cluster has them. Where the file leaves that to the cluster, all on which Calico runs or has
 * run: a node of another make (Windows, a virtual kubelet, Fargate) has an address too, and speaks no BGP from it. Rejects
 * with `FACTS.EMPTY` where none is left, and with `FACTS.NO_ADDRESS` where Calico has not given one its address yet.
 */
export const joinedNodes = (
  access: KubeAccess,
  names?: readonly string[],
  family: Family = 4,
): Fact<readonly JoinedNode[]> => ({
  name: `joined nodes ${apiId(access)} ${names?.join(' ') ?? ''} IPv${family}`,
  async read(_, facts) {
    const all = await facts.get(nodes(access));
    const ofCalico = all.filter(({ calicoAddress, six }) => calicoAddress !== undefined || six !== undefined);
    // before Calico has begun anywhere nobody can tell
    const found = names ? all.filter(({ name }) => names.includes(name)) : ofCalico.length > 0 ? ofCalico : all;
    if (found.length === 0)
      throw new CpaasError('FACTS.EMPTY', `the cluster has none of the nodes of the file: ${names?.join(', ')}`);
    return found.map(family === 6 ? withSix : withAddress);
  },
});

function withAddress(node: ClusterNode): JoinedNode {
  const { name, address } = node;
  if (address !== undefined) return { ...node, address };
  throw new CpaasError('FACTS.NO_ADDRESS', `node ${name} has no address yet: Calico does not run there`, {
    next: [{ label: 'see why', command: 'cpaas kubectl -- get pods -n kube-system -o wide' }],
  });
}

function withSix(node: ClusterNode): JoinedNode {
  const { name, six } = node;
  if (six !== undefined) return { ...node, address: six };
  throw new CpaasError('FACTS.NO_ADDRESS', `Calico gives node ${name} no IPv6 address to speak BGP from`, {
    next: [
      { label: 'calico-node takes one with IP6=autodetect and FELIX_IPV6SUPPORT=true in its environment' },
      { label: 'or without IPv6: leave spec.network.ipv6 and the ipv6 of the routers out of the file' },
    ],
  });
}
