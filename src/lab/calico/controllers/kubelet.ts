import { randomBytes } from 'node:crypto';
import type { Client } from '../../kube/client.ts';
import { at, type KubeObject } from '../../kube/objects/object.ts';
import type { LabSpec } from '../../spec.ts';
import type { Log, Machines } from '../../supervisor/parts.ts';
import { openIpam } from '../ipam/ipam.ts';
import { reconcileNodes } from './nodes.ts';
import {
  addresslessPatch,
  addressOf,
  cniPatch,
  handle,
  handleOf,
  isRunning,
  machineName,
  nodeOf,
  podPath,
  requestedAddress,
  runningPatch,
  usesHostNetwork,
} from './pods.ts';

export interface Cluster {
  readonly client: Client;
  readonly machines: Machines;
  readonly log: Log;
}

const PODS = '/api/v1/pods';

/**
 * One pass of scheduler, CNI and kubelets: every pod gets a node, an address and its machine; what belonged to pods and nodes that are
 * gone is given back. Whatever it is cut off in, the next pass finishes.
 * @returns names of pods that do not run yet, but for those that wait for an address that is not free
 */
export async function reconcilePods(cluster: Cluster, spec: LabSpec): Promise<readonly string[]> {
  const { client } = cluster;
  const gone = await reconcileNodes(client, spec, (await client.list(PODS)).items);
  await schedule(client, spec, (await client.list(PODS)).items);
  const pods = (await client.list(PODS)).items.filter((pod) => spec.nodes.some(({ name }) => name === nodeOf(pod)));
  await unplug(cluster, pods);
  const addressed = await address(cluster, pods, gone);
  await Promise.all(addressed.map((pod) => start(cluster, spec, pod)));
  const { items } = await client.list(PODS);
  return items
    .filter((pod) => !isRunning(pod) && (addressOf(pod) !== undefined || requestedAddress(pod) === undefined))
    .map(({ metadata }) => metadata.name);
}

/** Pods that name no node get one in turn. */
async function schedule(client: Client, { nodes }: LabSpec, pods: readonly KubeObject[]): Promise<void> {
  const load = new Map(nodes.map(({ name }) => [name, pods.filter((pod) => nodeOf(pod) === name).length]));
  for (const pod of pods.filter((each) => nodeOf(each) === undefined)) {
    const [least] = [...load].sort(([, a], [, b]) => a - b);
    if (least === undefined) return;
    const [nodeName, count] = least;
    await client.patch(podPath(pod), { spec: { nodeName } });
    load.set(nodeName, count + 1);
  }
}

async function unplug({ machines }: Cluster, pods: readonly KubeObject[]): Promise<void> {
  const kept = new Set(pods.map((pod) => `${machineName(pod)} ${nodeOf(pod)} ${addressOf(pod)}`));
  const left = machines.pods().filter(({ pod, node, address: ip }) => !kept.has(`${pod} ${node} ${ip}`));
  await Promise.all(left.map((plug) => machines.unplugPod(plug)));
}

/** @returns the pods that have an address now, those of their host's network included */
async function address({ client, log }: Cluster, pods: readonly KubeObject[], gone: ReadonlySet<string>) {
  const ipam = await openIpam(client);
  await ipam.releaseAllBut(new Set(pods.flatMap((pod) => handleOf(pod) ?? [])));
  await ipam.releaseNodes(gone);
  const addressed: KubeObject[] = [];
  for (const pod of pods) {
    if (usesHostNetwork(pod) || addressOf(pod) !== undefined) {
      addressed.push(pod);
      continue;
    }
    const containerId = randomBytes(32).toString('hex');
    const { namespace = 'default', name } = pod.metadata;
    const owner = { namespace, pod: name, node: nodeOf(pod) ?? '', handle: handle(containerId) };
    const requested = requestedAddress(pod);
    const given = await ipam.assign(owner, requested);
    const patch = given === undefined ? undefined : await client.patch(podPath(pod), cniPatch(containerId, given));
    if (patch !== undefined) addressed.push(patch);
    else if (given === undefined) await refuse(client, log, pod, requested);
  }
  return addressed;
}

async function refuse(client: Client, log: Log, pod: KubeObject, requested: string | undefined): Promise<void> {
  const why =
    requested === undefined ? 'no free address in any pool' : `address ${requested} is not free or in no pool`;
  if (at(pod, 'status', 'conditions', 0, 'message') === why) return;
  log(`pod ${pod.metadata.name}: ${why}`);
  await client.patch(`${podPath(pod)}/status`, addresslessPatch(why));
}

async function start({ client, machines, log }: Cluster, spec: LabSpec, pod: KubeObject): Promise<void> {
  const node = spec.nodes.find(({ name }) => name === nodeOf(pod));
  if (node === undefined) return;
  const ip = usesHostNetwork(pod) ? node.address : addressOf(pod);
  if (ip === undefined) return;
  const machine = machineName(pod);
  const plugged = usesHostNetwork(pod) || machines.pods().some(({ pod: name }) => name === machine);
  if (isRunning(pod) && plugged) return;
  try {
    if (!plugged) await machines.plugPod({ node: node.name, pod: machine, address: ip });
  } catch (error) {
    log(`pod ${pod.metadata.name}: ${error instanceof Error ? error.message : String(error)}`);
    return;
  }
  await client.patch(`${podPath(pod)}/status`, runningPatch(pod, ip, node.address));
}
