import ipaddr from 'ipaddr.js';
import { labLayout } from '../layout.ts';
import type { LabNode, LabRouter, LabSpec } from '../spec.ts';
import { natOutgoingRules } from './calico-rules.ts';
import { dockerRules } from './docker-rules.ts';
import { dockerBridge, macOf, switchPort } from './names.ts';
import type { RuleSet } from './rules.ts';

/** The network of a lab, whole: what namespaces there are, what is in them, and what connects them. */
export interface Topology {
  readonly machines: readonly Machine[];
  readonly cables: readonly Cable[];
}

export type MachineKind = 'lan' | 'vm' | 'node' | 'router';

/** A namespace as it should be. */
export interface Machine {
  readonly kind: MachineKind;
  readonly name: string;
  readonly namespace: string;
  /** Where it is reached: the VM's on the LAN, a node's, a router's self-IP. The LAN is only a switch. */
  readonly address?: string;
  readonly bridges: readonly Bridge[];
  readonly addresses: readonly Address[];
  /** `ip route` without the verb. */
  readonly routes: readonly string[];
  readonly rules: RuleSet;
  /** What it is given when it is made, or made over; from then on its owner may change it. */
  readonly atFirst: {
    readonly addresses: readonly Address[];
    readonly sysctls: Readonly<Record<string, string>>;
  };
}

/** A bridge without a MAC address of its own takes that of a port, and changes it when ports come and go. */
export interface Bridge {
  readonly device: string;
  readonly mac: string;
}

export interface Address {
  readonly device: string;
  /** With the prefix length of its network. */
  readonly address: string;
}

/** A veth pair: one end in a bridge of a switch, the other an interface of a machine. */
export interface Cable {
  readonly port: { readonly namespace: string; readonly device: string; readonly bridge: string };
  readonly end: { readonly namespace: string; readonly device: string; readonly mac: string };
}

/** Name of the VM's interface on the LAN, of a router's, of everyone else's, and of the LAN's switch. */
const UPLINK = 'ens160';
const INTERNAL = 'internal';
const ETH0 = 'eth0';
const LAN_BRIDGE = 'lan';

/** Port of the host that Docker leads to the API server's port of the first server; k3d's own example. */
const API = { port: 6443, hostPort: 6550 };

export function topology(spec: LabSpec): Topology {
  const layout = labLayout(spec.name);
  const lan = {
    ...machine('lan', 'lan', layout.lan),
    bridges: [{ device: LAN_BRIDGE, mac: macOf(networkOf(spec.lan)) }],
  };
  const toLan = (device: string) => (end: Machine) => cable({ namespace: layout.lan, bridge: LAN_BRIDGE }, end, device);

  const routers = spec.routers.map((each) => router(spec, each));
  const nodes = spec.nodes.map((each) => node(spec, each));
  const routerCables = routers.map(toLan(INTERNAL));
  if (spec.topology === 'flat')
    return {
      machines: [lan, ...nodes, ...routers],
      cables: [...routerCables, ...nodes.map(toLan(ETH0))],
    };

  const host = vm(spec);
  const docker = { namespace: layout.vm, bridge: dockerBridge(spec.name) };
  return {
    machines: [lan, host, ...nodes, ...routers],
    cables: [toLan(UPLINK)(host), ...routerCables, ...nodes.map((each) => cable(docker, each, ETH0))],
  };
}

/** The machine between the LAN and the nodes, with Docker's network on it. */
function vm(spec: LabSpec): Machine {
  const bridge = dockerBridge(spec.name);
  const address = spec.vm ?? '';
  const server = spec.nodes.findIndex(({ role }) => role === 'server');
  const containers = spec.nodes.map((each, at) => ({
    address: each.address,
    ...(at === server ? { published: API } : {}),
  }));
  const docker = spec.docker === 'none' ? 'none' : 'running';
  return {
    ...machine('vm', 'vm', labLayout(spec.name).vm, address),
    bridges: [{ device: bridge, mac: macOf(gateway(spec.nodeNetwork)) }],
    addresses: [
      { device: UPLINK, address: within(address, spec.lan) },
      { device: bridge, address: within(gateway(spec.nodeNetwork), spec.nodeNetwork) },
    ],
    rules: dockerRules(spec.docker, { bridge, subnet: spec.nodeNetwork, containers }),
    // Ubuntu's loose reverse path filter; Docker switches forwarding on when it starts.
    atFirst: { addresses: [], sysctls: { ...forwarding(docker === 'running'), ...reversePathFilter('2') } },
  };
}

function node(spec: LabSpec, { name, address }: LabNode): Machine {
  return {
    ...machine('node', name, labLayout(spec.name).namespace(name), address),
    addresses: [{ device: ETH0, address: within(address, spec.nodeNetwork) }],
    routes: spec.topology === 'vm' ? [`default via ${gateway(spec.nodeNetwork)} dev ${ETH0}`] : [],
    rules: spec.natOutgoing ? natOutgoingRules(spec.pods) : {},
    // Felix sets the strict filter on each pod's interface itself; the larger of `all` and the interface's counts.
    atFirst: { addresses: [], sysctls: { ...forwarding(true), ...reversePathFilter('0') } },
  };
}

function router(spec: LabSpec, { name, address, switches }: LabRouter): Machine {
  const selfIp = { device: INTERNAL, address: within(address, spec.lan) };
  return {
    ...machine('router', name, labLayout(spec.name).namespace(name), address),
    atFirst: {
      addresses: switches.selfIp === 'missing' ? [] : [selfIp],
      sysctls: { ...forwarding(false), ...reversePathFilter('0') },
    },
  };
}

const machine = (kind: MachineKind, name: string, namespace: string, address?: string): Machine => ({
  kind,
  name,
  namespace,
  ...(address ? { address } : {}),
  bridges: [],
  addresses: [],
  routes: [],
  rules: {},
  atFirst: { addresses: [], sysctls: {} },
});

const cable = (
  at: { readonly namespace: string; readonly bridge: string },
  { namespace, address = '' }: Machine,
  device: string,
): Cable => ({
  port: { ...at, device: switchPort(namespace, device) },
  end: { namespace, device, mac: macOf(address) },
});

// A new namespace has the IPv4 settings of the machine, so nothing is left to chance.
const forwarding = (on: boolean) => ({ 'net.ipv4.ip_forward': on ? '1' : '0' });
const reversePathFilter = (mode: '0' | '1' | '2') => ({
  'net.ipv4.conf.all.rp_filter': mode,
  'net.ipv4.conf.default.rp_filter': mode,
});

const within = (address: string, network: string): string => `${address}/${network.split('/')[1]}`;

const networkOf = (prefix: string): string => ipaddr.IPv4.networkAddressFromCIDR(prefix).toString();

/** The first address of a network, which Docker gives to its bridge. */
function gateway(network: string): string {
  const bytes = networkOf(network).split('.').map(Number);
  return [...bytes.slice(0, 3), (bytes[3] ?? 0) + 1].join('.');
}
