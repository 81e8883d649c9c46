import { reading } from '../core/reading.ts';
import type { Query } from '../core/transport.ts';
import { type KernelRoute, LIST_ROUTES, parseRoutes } from '../host/kernel-routes.ts';
import { contains, overlaps } from '../net/cidr.ts';
import { obstacle } from '../versions/rules.ts';

/** True when a condition holds, otherwise a sentence that says what is there instead. */
export type Condition = true | string;

export async function k3dProgram(machine: Query): Promise<Condition> {
  const { code, stdout } = await machine.query(reading(['k3d', 'version'], { codes: [1, 127] }));
  const [, version = ''] = /k3d version v?(\S+)/.exec(stdout) ?? [];
  if (code !== 0) return `${machine.name} has no k3d`;
  if (version === '') return `k3d of ${machine.name} does not say its version`;
  // built from source without a version it says so: nobody can tell
  return version.endsWith('dev') || told(machine, obstacle({ k3d: version }));
}

export async function kubectlProgram(machine: Query): Promise<Condition> {
  const asked = reading(['kubectl', 'version', '--client', '-o', 'json'], { codes: [1, 127] });
  const { code } = await machine.query(asked);
  return code === 0 || `${machine.name} has no kubectl`;
}

/** A manifest install serves only what calicoctl of exactly its version may write. */
export async function calicoctlProgram(machine: Query, wanted: string): Promise<Condition> {
  const { code, stdout } = await machine.query(reading(['calicoctl', 'version', '--client'], { codes: [1, 127] }));
  const [, version] = /Client Version:\s+(\S+)/.exec(stdout) ?? [];
  if (version !== undefined) return told(machine, obstacle({ calicoctl: version, calico: wanted }));
  return code === 127
    ? `${machine.name} has no calicoctl ${wanted}`
    : `calicoctl of ${machine.name} does not say its version`;
}

const told = (machine: Query, trouble: string | undefined): Condition =>
  trouble === undefined || `${machine.name}: ${trouble}`;

/** Docker's networks, and what leads into them. */
export async function freeNetwork(machine: Query, nodes: string, bridge: string): Promise<Condition> {
  const routes = parseRoutes((await machine.query(LIST_ROUTES)).stdout, machine.name);
  const rival = routes.find((route) => route.dev !== bridge && isRival(route, nodes));
  if (!rival) return true;
  const free = candidates.find((each) => !routes.some((route) => isRival(route, each)));
  const advice = free ? `; ${free} is free here: network.nodes` : '';
  return `${machine.name} has ${rival.destination} already, on ${rival.dev ?? rival.via}: ${nodes} overlaps it${advice}`;
}

/** A wider route, such as a VPN's, loses to the narrower one of the bridge; a network of the machine's own does not. */
const isRival = ({ destination, protocol }: KernelRoute, nodes: string): boolean =>
  !destination.startsWith('0.0.0.0/') &&
  destination.includes('.') &&
  overlaps(destination, nodes) &&
  (protocol === 'kernel' || contains(nodes, destination));

/** Docker's own pool from 172.18.0.0/16 on. */
const candidates = Array.from({ length: 14 }, (_, n) => `172.${18 + n}.0.0/16`);
