import { z } from 'zod';
import { AsNumber, Ipv4Address, Ipv4Network, Ipv6Network, version } from './fields.ts';

/** What a network is when the file does not say, by shape of the cluster. */
export const NETWORK_DEFAULTS = {
  /** k3d, and the lab's vm: nodes on a bridge behind the machine. */
  bridged: { nodes: '172.19.0.0/16', pods: '10.53.0.0/16', services: '10.43.0.0/16' },
  /** The lab's flat topology. */
  flat: { nodes: '10.1.20.0/24', pods: '192.168.0.0/16', services: '10.96.0.0/12' },
  /** kubeadm: where the machines stand is for the file to say. */
  machines: { pods: '192.168.0.0/16', services: '10.96.0.0/12' },
} as const;
const { bridged, flat, machines } = NETWORK_DEFAULTS;

/** What a dual-stack cluster has besides. */
const Ipv6 = z.strictObject({
  nodes: Ipv6Network.describe('Where the nodes have their IPv6 addresses'),
  pods: Ipv6Network.describe("Where pods get theirs: Calico's IPv6 pool"),
  blockSize: z.number().int().min(116).max(128).default(122).describe("Prefix length of the pool's blocks"),
});

export const Network = z.strictObject({
  nodes: Ipv4Network.optional().describe(
    `Where the nodes have their addresses. k3d and lab vm: ${bridged.nodes}; lab flat: ${flat.nodes}; kubeadm and existing: needed`,
  ),
  pods: Ipv4Network.optional().describe(
    `Where pods get theirs, divided into one block or more per node. k3d and lab vm: ${bridged.pods}; lab flat and kubeadm: ${machines.pods}; existing: needed`,
  ),
  services: Ipv4Network.optional().describe(
    `Cluster addresses of Services. k3d and lab vm: ${bridged.services}; lab flat and kubeadm: ${machines.services}; existing: needed`,
  ),
  gateway: Ipv4Address.optional().describe(
    "Next hop of the routers' static route to the nodes, when nodes are behind one machine; the address that this machine uses towards the router",
  ),
  lan: Ipv4Network.optional().describe(
    "The routers' LAN; the /24 around the first router, or the node network when routers stand in it",
  ),
  ipv6: Ipv6.optional().describe(
    'Of a dual-stack cluster that exists: its IPv6 networks, which routers learn over sessions of their own',
  ),
});

export const Calico = z.strictObject({
  version: version('v3.31.7', /^v\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$/)
    .default('v3.31.7')
    .describe('Release of Calico; calicoctl is used in exactly this version'),
  encapsulation: z
    .enum(['None', 'IPIP', 'VXLAN', 'IPIPCrossSubnet', 'VXLANCrossSubnet'])
    .default('None')
    .describe('Tunnels between nodes. A router always reaches pods without one'),
  natOutgoing: z.boolean().default(true).describe("Whether pods that leave the cluster get their node's address"),
  blockSize: z
    .number()
    .int()
    .min(20)
    .max(32)
    .default(26)
    .describe('Prefix length of the blocks that nodes take from the pod network: 26 holds 64 pods'),
});

export const Bgp = z.strictObject({
  asNumber: AsNumber.prefault(64512).describe("The cluster's AS number, 1 to 4294967295, or dotted in quotes"),
  nodeToNodeMesh: z
    .boolean()
    .default(true)
    .describe('Whether every node peers with every other; without it only routers learn pod blocks'),
  gracefulRestartTime: z
    .number()
    .int()
    .min(1)
    .max(3600)
    .default(120)
    .describe('Seconds that routers keep the routes of a node that restarts, and nodes those of a router'),
  logSeverity: z
    .enum(['Debug', 'Info', 'Warning', 'Error', 'Fatal'])
    .default('Info')
    .describe('How much Calico writes to its log'),
});
