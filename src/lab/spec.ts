import { z } from 'zod';

/** What a stand-in BIG-IP can be told to do differently; for tests and teaching. Everything is off unless said. */
export const UnitSwitches = z.strictObject({
  loginShell: z.enum(['bash', 'tmsh']).optional().describe('shell that an SSH login gets; bash'),
  lockdown: z
    .union([z.enum(['none', 'all', 'default']), z.array(z.string())])
    .optional()
    .describe('allow-service of the self-IP at the start; [tcp:ssh]'),
  selfIp: z
    .enum(['present', 'missing', 'floating'])
    .optional()
    .describe('whether the self-IP exists at the start, and whether it floats; present'),
  daemonDelay: z.number().min(0).optional().describe('seconds until imish answers after BGP was enabled; 0'),
  lastCharacterLoss: z.boolean().optional().describe('imish -f loses the last character of each line, as 14.1.3.1 does'),
  tmosRouting: z.boolean().optional().describe('TMOS routing mode instead of legacy'),
  dropAfterCommands: z.number().int().min(1).optional().describe('the SSH connection is cut after so many commands'),
  hang: z.boolean().optional().describe('SSH logins are accepted, then nothing answers'),
  routingProtocol: z.boolean().optional().describe('BGP is enabled on route domain 0 at the start'),
  zebos: z.array(z.string()).optional().describe('configuration lines that somebody had entered in imish before'),
  version: z.string().optional().describe('TMOS version it reports; 16.1.3'),
});
export type UnitSwitches = z.infer<typeof UnitSwitches>;

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
