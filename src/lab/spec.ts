import { z } from 'zod';
import { UnitSwitches } from '../config/unit-switches.ts';

export { UnitSwitches };

const Node = z.strictObject({
  /** Name of the Kubernetes node, and after the lab's name of its namespace. */
  name: z.string(),
  role: z.enum(['server', 'agent']),
  address: z.ipv4(),
});
export type LabNode = z.infer<typeof Node>;

const Router = z.strictObject({
  name: z.string(),
  /** The self-IP that nodes peer with. It identifies the unit: a new name in the file is the same unit. */
  address: z.ipv4(),
  selfIp: z.string(),
  switches: UnitSwitches,
});
export type LabRouter = z.infer<typeof Router>;

/** Everything that decides what a lab is. Two labs of equal specs are equal, keys and certificates apart. */
export const LabSpec = z.strictObject({
  /** Name of the cluster, and first part of the name of every namespace. */
  name: z.string(),
  /** `vm`: the nodes behind one machine with two feet; `flat`: nodes and routers on one LAN. */
  topology: z.enum(['vm', 'flat']),
  /** Generation of Docker's packet filter rules on the VM. */
  docker: z.enum(['none', '20.10', '28.0', '28.2']),
  calicoApi: z.enum(['crd', 'v3']),
  calicoVersion: z.string(),
  /** LAN of the routers (and of the VM, or of the nodes when flat). */
  lan: z.cidrv4(),
  /** `vm` only: the VM's address on the LAN. */
  vm: z.ipv4().optional(),
  /** Node network; the LAN itself when flat. */
  nodeNetwork: z.cidrv4(),
  pods: z.cidrv4(),
  services: z.cidrv4(),
  blockSize: z.number().int().min(20).max(32),
  natOutgoing: z.boolean(),
  encapsulation: z.enum(['None']),
  asNumber: z.number().int(),
  nodes: z.array(Node).min(1),
  routers: z.array(Router),
});
export type LabSpec = z.infer<typeof LabSpec>;

/** What makes a spec the same cluster: all but the machines in it and what can be changed while it runs. */
export const ground = ({ nodes: _, routers: __, docker: ___, natOutgoing: ____, asNumber: _____, ...rest }: LabSpec) =>
  rest;
