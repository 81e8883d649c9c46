import type { Reader, Writer } from '../core/context.ts';
import { reading } from '../core/reading.ts';
import type { Command } from '../core/step.ts';
import type { Transport } from '../core/transport.ts';
import { initConfig } from './config.ts';
import type { WholeControlPlane } from './control-plane.ts';
import { initFailure } from './failures.ts';
import type { Remains } from './join.ts';
import { markBegun, markReady, OWNER_QUESTION, parseOwner } from './owner.ts';
import { kubeadmWithConfig, NO_ETCD, runKubeadm } from './run.ts';
import { etcdOf, MARKER_QUESTION, stageOf } from './stage.ts';
import { tokenName } from './tokens.ts';

/** Where a cluster is made. */
interface Place {
  readonly host: string;
  readonly cluster: string;
  /** The node's. */
  readonly name: string;
  readonly criSocket: string;
}

/** What an earlier try, or the node that was there before, has left on a host. */
export async function leftOn(machine: Transport, cluster: string): Promise<Remains> {
  const [markers = {}, owned] = await machine.queryAll([MARKER_QUESTION, OWNER_QUESTION]);
  const owner = parseOwner(owned?.stdout ?? '');
  const etcd = etcdOf(markers, owner?.cluster === cluster && owner.controlPlane);
  return { host: stageOf(markers) !== 'none' || etcd === 'ours', ...(etcd === undefined ? {} : { etcd }) };
}

/** Makes the cluster on a host. What a cut has left of an init is taken up; where only a reset was cut off, its etcd goes first. */
export async function initCluster(ctx: Writer, place: Place, wish: WholeControlPlane, left: Remains): Promise<void> {
  const machine = ctx.host(place.host);
  ctx.progress('kubeadm init');
  const fixed = await hasFixedConntrack(ctx, place);
  const begun = stageOf(await machine.query(MARKER_QUESTION)) !== 'none';
  await markBegun(machine, place.cluster, { controlPlane: left.etcd !== 'theirs' });
  if (!begun && left.etcd === 'ours') await machine.run(NO_ETCD);
  await runKubeadm(machine, 'init', initArguments(begun), configFile(place, wish, fixed)).catch((error: unknown) => {
    throw initFailure(error, machine.name);
  });
  await markReady(machine, place.cluster, { how: 'made', controlPlane: true });
}

/** What `initCluster` sends, for people. */
export const initCommands = (place: Place, wish: WholeControlPlane, begun: boolean): readonly Command[] => [
  { argv: initArguments(begun), stdin: configFile(place, wish, false) },
];

/** What a cut has left is in the way of kubeadm's own checks, and is taken up where it is. */
const initArguments = (begun: boolean): readonly string[] =>
  kubeadmWithConfig('init', '--skip-token-print', ...(begun ? ['--ignore-preflight-errors=all'] : []));

function configFile({ cluster, name, criSocket }: Place, wish: WholeControlPlane, fixedConntrack: boolean): string {
  const { address, version, pods, services, endpoint } = wish;
  const config = { cluster, version, pods, services, ...(endpoint === undefined ? {} : { endpoint }) };
  return initConfig(config, { name, address, criSocket }, { token: tokenName(cluster, name), fixedConntrack });
}

/** In a container the size of the connection tracking table can only be read. */
async function hasFixedConntrack(ctx: Reader, { host }: Place): Promise<boolean> {
  const question = reading(['stat', '-c', '%a', '/proc/sys/net/netfilter/nf_conntrack_max'], { codes: [1] });
  return (await ctx.host(host).query(question)).stdout.trim() === '444';
}
