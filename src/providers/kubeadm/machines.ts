import type { Cluster } from '../../config/schema.ts';
import { CpaasError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts.ts';
import { type HostAnswer, kubeadmHosts } from '../../facts/host/kubeadm-hosts.ts';
import { soleAddress } from '../../kubeadm/interfaces.ts';
import { sshKey } from '../routers.ts';

/** A machine of the file. */
export interface KubeadmMachine {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  /** Its key in the host table. */
  readonly host: string;
  readonly address?: string;
}

/** What the phases that make a cluster need to know. */
export interface Making {
  readonly cluster: Cluster;
  readonly machines: readonly KubeadmMachine[];
  /** Where the cluster is made. */
  readonly first: KubeadmMachine;
}

export const machinesOf = (cluster: Cluster): readonly KubeadmMachine[] =>
  (cluster.spec.provider.kubeadm?.hosts ?? []).map(({ name, role, address, ssh }) => ({
    name,
    role,
    host: sshKey(ssh),
    ...(address === undefined ? {} : { address }),
  }));

export const controlPlanes = ({ machines }: Pick<Making, 'machines'>): readonly KubeadmMachine[] =>
  machines.filter(({ role }) => role === 'control-plane');

/**
 * The key of the host where the cluster is asked: where it was made, or whichever control plane can be reached where there are several.
 * `but`: one that can say nothing, since it comes or goes itself.
 */
export function askedHost(making: Making, but?: KubeadmMachine): string {
  const others = controlPlanes(making).filter((machine) => machine !== but);
  if (others.length <= 1) return (others[0] ?? making.first).host;
  const all = `control-planes:${making.cluster.metadata.name}`;
  return but?.role === 'control-plane' ? `${all} but ${but.name}` : all;
}

/** What all machines say of themselves: one question for every phase that asks it. */
export const answersOf = ({ machines }: Making, facts: Facts): Promise<readonly HostAnswer[]> =>
  facts.get(kubeadmHosts(machines.map(({ host }) => host)));

/** The address of a machine in the node network, as the file or the machine says; the failure where neither does. */
export async function addressOf(machine: KubeadmMachine, making: Making, facts: Facts): Promise<string | CpaasError> {
  if (machine.address !== undefined) return machine.address;
  const answer = (await answersOf(making, facts)).find(({ host }) => host === machine.host);
  if (!answer || 'error' in answer) return answer?.error ?? unknown(machine);
  return soleAddress(answer.facts.addresses, making.cluster.spec.network.nodes) ?? unknown(machine);
}

const unknown = ({ name }: KubeadmMachine): CpaasError =>
  new CpaasError('KUBEADM.ADDRESS', `which address of ${name} is the node's cannot be known`, {
    next: [{ label: 'name it in the file: hosts[].address' }],
  });

/** `NAME:PORT` at which nodes find the API. */
export async function apiOf(making: Making, facts: Facts): Promise<string | CpaasError> {
  const endpoint = endpointOf(making.cluster);
  if (endpoint !== undefined) return endpoint;
  const address = await addressOf(making.first, making, facts);
  return typeof address === 'string' ? `${address}:${API_PORT}` : address;
}

const API_PORT = 6443;

/** What control planes share, with its port. */
export function endpointOf({ spec: { provider } }: Cluster): string | undefined {
  const endpoint = provider.kubeadm?.controlPlaneEndpoint;
  return endpoint === undefined || /:\d+$/.test(endpoint) ? endpoint : `${endpoint}:${API_PORT}`;
}
