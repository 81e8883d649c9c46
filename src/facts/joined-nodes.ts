import { CpaasError } from '../core/errors.ts';
import type { Fact } from '../core/facts.ts';
import { apiId, type KubeAccess } from '../kube/access.ts';
import { type ClusterNode, nodes } from './nodes.ts';

/** A node that routers peer with. */
export interface JoinedNode extends ClusterNode {
  readonly address: string;
}

/**
 * The nodes that the file speaks of, as the cluster has them; all of the cluster's where the file leaves that to the cluster. Rejects
 * with `FACTS.EMPTY` where none is left, and with `FACTS.NO_ADDRESS` where Calico has not given one its address yet.
 */
export const joinedNodes = (access: KubeAccess, names?: readonly string[]): Fact<readonly JoinedNode[]> => ({
  name: `joined nodes ${apiId(access)} ${names?.join(' ') ?? ''}`,
  async read(_, facts) {
    const found = (await facts.get(nodes(access))).filter(({ name }) => names?.includes(name) ?? true);
    if (found.length === 0)
      throw new CpaasError('FACTS.EMPTY', `the cluster has none of the nodes of the file: ${names?.join(', ')}`);
    return found.map(withAddress);
  },
});

function withAddress(node: ClusterNode): JoinedNode {
  const { name, address } = node;
  if (address !== undefined) return { ...node, address };
  throw new CpaasError('FACTS.NO_ADDRESS', `node ${name} has no address yet: Calico does not run there`, {
    next: [{ label: 'see why', command: 'cpaas kubectl -- get pods -n kube-system -o wide' }],
  });
}
