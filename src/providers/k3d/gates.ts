import type { Reader } from '../../core/context.ts';
import { CpaasError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts.ts';
import type { Gate } from '../../core/gate.ts';
import { calicoNodePods } from '../../facts/cluster/calico-node-pods.ts';
import { calicoPools } from '../../facts/cluster/calico-pools.ts';
import { nodes } from '../../facts/cluster/nodes.ts';
import { dockerEngine } from '../../facts/host/docker-engine.ts';
import { isOurs, type NodeContainer, nodeContainers } from '../../k3d/containers.ts';
import { SHOWING_NODES } from '../showing-nodes.ts';
import type { K3dMaking } from './making.ts';

/** Milliseconds. Calico's images are pulled within it. */
const DEADLINE = 600_000;
const RESTART = 180_000;

/** What a cluster has to be before any router is told of it. */
export const clusterUp = (making: K3dMaking): Gate => ({
  title: 'nodes and Calico',
  deadline: DEADLINE,
  next: SHOWING_NODES,
  missing: (facts) => waited(async () => (await unrest(making, facts)) ?? poolTrouble(making, facts)),
});

/**
 * A cluster whose nodes all run may have been started again just now, at other addresses. While that is on its way nothing is decided
 * from what the cluster says. Where no server is left nobody will ever say anything. What it was made with does not count here: the file
 * may ask for another cluster by now. On an engine that is refused nothing is waited for: nodes may never come to rest there, and the
 * conditions say why.
 */
export const atRest = (making: K3dMaking): Gate => ({
  title: 'nodes that were started again',
  deadline: RESTART,
  next: SHOWING_NODES,
  async missing(facts) {
    const { ctx } = facts;
    try {
      const containers = await containersOf(making, ctx);
      const runs = containers.some(({ role }) => role === 'server') && containers.every(({ running }) => running);
      const file =
        runs &&
        isOurs(containers, making.place.cluster) &&
        (await ctx.host(making.place.host).read(making.kube.kubeconfig));
      const missing = file ? await waited(() => unrest(making, facts)) : undefined;
      if (missing === undefined) return undefined;
      const { trouble } = await facts.get(dockerEngine(making.place.host));
      return trouble === undefined ? missing : undefined;
    } catch (error) {
      if (error instanceof CpaasError && AWAY.has(error.code)) return undefined;
      throw error;
    }
  },
});

/** No engine starts no nodes, and no kubectl sees any: whoever prepares the machine will bring them, or a condition says what is missing. */
const AWAY = new Set<string>(['DOCKER.UNREACHABLE', 'KUBE.TOOL']);

const containersOf = async ({ place }: K3dMaking, ctx: Reader) =>
  (await nodeContainers(ctx.host(place.host), place.cluster)).filter(({ key }) => key !== undefined);

/** An API server that is about to start, and kinds that are about to be there, are one more thing to wait for. */
async function waited(missing: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await missing();
  } catch (error) {
    if (error instanceof CpaasError && WAITED_FOR.has(error.code)) return error.message;
    throw error;
  }
}

/** What nodes and Calico's pods still lack, the first of it. */
async function unrest(making: K3dMaking, facts: Facts): Promise<string | undefined> {
  const containers = await containersOf(making, facts.ctx);
  return (await nodesTrouble(making, containers, facts)) ?? calicoTrouble(making, containers, facts);
}

const WAITED_FOR = new Set<string>([
  ...['KUBE.UNREACHABLE', 'KUBE.REFUSED', 'KUBE.FORBIDDEN', 'KUBE.LOGIN', 'KUBE.TRUST', 'KUBE.KIND'],
  ...['CALICO.MISSING', 'FACTS.EMPTY'],
]);

/** Docker's word on a node against the cluster's: Calico may have taken another address, or still have the one before a restart. */
async function nodesTrouble({ kube }: K3dMaking, containers: readonly NodeContainer[], facts: Facts) {
  const known = new Map((await facts.get(nodes(kube))).map((node) => [node.name, node]));
  for (const { name, address } of containers) {
    const node = known.get(name);
    if (!node) return `node ${name} has not registered`;
    if (address !== undefined && node.internalIp !== address)
      return `node ${name} is known by ${node.internalIp ?? 'no address'}, and is at ${address}`;
    if (!node.ready) return `node ${name} is not Ready`;
    if (node.calicoAddress === undefined) return `Calico has not given node ${name} an address`;
    if (address !== undefined && node.calicoAddress !== address)
      return `Calico speaks for node ${name} from ${node.calicoAddress}, and it is at ${address}`;
  }
  return undefined;
}

/** One pod of Calico's DaemonSet for each node, all of them Ready. */
async function calicoTrouble({ kube }: K3dMaking, containers: readonly NodeContainer[], facts: Facts) {
  const ready = (await facts.get(calicoNodePods(kube))).filter(({ ready }) => ready).map(({ node }) => node);
  const waiting = containers.filter(({ name }) => !ready.includes(name)).map(({ name }) => name);
  if (waiting.length === 0) return undefined;
  return `calico-node is Ready on ${containers.length - waiting.length} of ${containers.length} nodes, not on ${waiting.join(', ')}`;
}

async function poolTrouble({ kube, shape }: K3dMaking, facts: Facts) {
  const { calico } = shape;
  const pools = await facts.get(calicoPools(kube));
  const pool = pools.find(({ cidr }) => cidr === calico?.pods);
  if (!pool)
    return `Calico has no pool ${calico?.pods}${pools.length === 0 ? '' : `, but ${pools.map(({ cidr }) => cidr).join(', ')}`}`;
  if (pool.blockSize !== calico?.blockSize)
    return `Calico's pool ${pool.cidr} has blocks of /${pool.blockSize}, not /${calico?.blockSize}`;
  return undefined;
}
