import { CpaasError } from '../../core/errors.ts';
import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import type { Family } from '../router-target.ts';
import { calicoNodePods } from './calico-node-pods.ts';
import { type ClusterNode, nodes } from './nodes.ts';

/** A node that routers peer with, by its address of the family that is asked for. */
export interface JoinedNode extends ClusterNode {
  readonly address: string;
}

/**
 * The nodes that the file speaks of, as the cluster has them. Where the file leaves that to the cluster, all but the left out. Rejects
 * with `FACTS.EMPTY` where there is none, and with `FACTS.NO_ADDRESS` where Calico has not given one its address yet.
 */
export const joinedNodes = (
  access: KubeAccess,
  names?: readonly string[],
  family: Family = 4,
): Fact<readonly JoinedNode[]> => ({
  name: `joined nodes ${apiId(access)} ${names?.join(' ') ?? ''} IPv${family}`,
  async read(_, facts) {
    const all = await facts.get(nodes(access));
    const leftOut = await facts.get(leftOutNodes(access, names));
    const found = all.filter(({ name }) => (names ? names.includes(name) : !leftOut.includes(name)));
    if (names && found.length === 0)
      throw new CpaasError('FACTS.EMPTY', `the cluster has none of the nodes of the file: ${names.join(', ')}`);
    return found.map(family === 6 ? withSix : withAddress);
  },
});

/**
 * Names of the nodes that nobody peers with because nothing of Calico is there, neither its address nor its pod: nodes of another make
 * (Windows, a virtual kubelet, Fargate), which have an address too and speak no BGP from it. None where the file names its nodes. A node
 * whose calico-node has yet to start is no such node.
 */
export const leftOutNodes = (access: KubeAccess, names?: readonly string[]): Fact<readonly string[]> => ({
  name: `left out nodes ${apiId(access)} ${names?.join(' ') ?? ''}`,
  async read(_, facts) {
    if (names) return [];
    const all = await facts.get(nodes(access));
    const without = all.filter(({ calicoAddress, six }) => calicoAddress === undefined && six === undefined);
    if (without.length === 0) return [];
    const placed = new Set((await facts.get(calicoNodePods(access))).map(({ node }) => node));
    const leftOut = without.filter(({ name }) => !placed.has(name)).map(({ name }) => name);
    // before Calico has begun anywhere nobody can tell
    return leftOut.length === all.length ? [] : leftOut;
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
