import type { AdhocWish } from '../../config/adhoc.ts';
import { ADHOC } from '../../core/cluster-name.ts';
import { CpaasError } from '../../core/errors.ts';
import type { Fact, Facts } from '../../core/facts.ts';
import type { HostTable } from '../../core/host-spec.ts';
import type { Plan } from '../../core/plan.ts';
import { peeringSelfIp } from '../../facts/bigip/peering-self-ip.ts';
import { joinedNodes } from '../../facts/cluster/joined-nodes.ts';
import type { KubeAccess } from '../../kube/access.ts';
import { isIpv6 } from '../../net/cidr.ts';
import { sshKey } from '../routers.ts';
import { type AdhocUnit, adhocPhases } from './phases.ts';

/** What the flags of `cpaas bgp` amount to: a blueprint, but for what only units and cluster can tell. */
export interface Adhoc {
  readonly plan: Plan;
  /** What the units are called. */
  readonly names: readonly string[];
  readonly hosts: HostTable;
  readonly kube: KubeAccess | undefined;
  readonly units: Fact<readonly AdhocUnit[]>;
  /** Addresses given by hand. */
  readonly addresses: readonly string[] | undefined;
}

const HERE = 'local';

/** `clusterSide`: whether the cluster's end is made too, where the way to its API is known. */
export function adhoc(wish: AdhocWish, clusterSide: boolean): Adhoc {
  const { kubeconfig, context } = wish;
  const kube = kubeconfig === undefined ? undefined : { host: HERE, kubeconfig, ...(context ? { context } : {}) };
  const units = unitsOf(wish, kube);
  const phases = adhocPhases(wish, units, kube, clusterSide);
  return {
    plan: { name: ADHOC, phases },
    names: wish.units.map(({ name }) => name),
    hosts: {
      [HERE]: { name: 'here', reach: { via: 'local' } },
      ...Object.fromEntries(
        wish.units.map(({ name, ssh }) => [sshKey(ssh), { name, reach: { ...ssh, via: 'ssh' as const } }]),
      ),
    },
    kube,
    units,
    addresses: wish.neighbors,
  };
}

const unitsOf = (wish: AdhocWish, kube: KubeAccess | undefined): Fact<readonly AdhocUnit[]> => ({
  name: 'units of the flags',
  async read(_, facts) {
    const neighbors = await addressesOf(wish, kube, facts);
    return Promise.all(wish.units.map(({ name, ssh }) => look(name, ssh, wish, neighbors, facts)));
  },
});

async function addressesOf({ neighbors }: AdhocWish, kube: KubeAccess | undefined, facts: Facts) {
  if (neighbors || !kube) return neighbors ?? [];
  return (await facts.get(joinedNodes(kube))).map(({ address }) => address);
}

async function look(
  name: string,
  ssh: AdhocWish['units'][number]['ssh'],
  { routeDomain, selfIp: named }: AdhocWish,
  neighbors: readonly string[],
  facts: Facts,
): Promise<AdhocUnit> {
  const host = sshKey(ssh);
  const place = { name, host, routeDomain };
  const question = {
    host,
    routeDomain,
    reachedBy: ssh.host,
    neighbors: neighbors.filter((each) => !isIpv6(each)),
  };
  try {
    const selfIp = await facts.get(peeringSelfIp({ ...question, ...(named === undefined ? {} : { name: named }) }));
    return { ...place, address: selfIp.address, selfIp };
  } catch (failure) {
    if (!(failure instanceof CpaasError)) throw failure;
    return { ...place, address: ssh.host, failure };
  }
}
