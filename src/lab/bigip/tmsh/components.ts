import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { serviceName } from './services.ts';
import { listOf, type Objects, objectsOf, type Properties, type Value } from './store.ts';

/** One component of tmsh: what it is called in errors, what may be done to it, and what makes an object of it wrong. */
export interface Component {
  readonly path: string;
  /** As in `The requested … (/Common/x) was not found.` */
  readonly title: string;
  readonly verbs: readonly ('create' | 'modify' | 'delete')[];
  /** Properties that can be given, and how their values are spelled; a list is one where `members` is there. */
  readonly properties: Readonly<Record<string, PropertySpec>>;
  /** Why the unit refuses an object, as the mcpd message; asked for what a command would make. */
  refuse?(objects: Objects, name: string, next: Properties): string | undefined;
}

export interface PropertySpec {
  readonly list: boolean;
  /** The spelling that is kept; nothing for what is no such value. */
  spelled(text: string): string | undefined;
}

const text: PropertySpec = { list: false, spelled: (value) => value };
const anything: PropertySpec = { list: true, spelled: (value) => value };
const PROTOCOLS = ['BFD', 'BGP', 'IS-IS', 'OSPFv2', 'OSPFv3', 'PIM', 'RIP', 'RIPng'];

export const COMPONENTS: readonly Component[] = [
  {
    path: 'net route-domain',
    title: 'Route Domain',
    verbs: ['modify'],
    properties: {
      description: text,
      'routing-protocol': { list: true, spelled: (value) => PROTOCOLS.find((each) => each === value) },
    },
    refuse: refuseMixedModes,
  },
  {
    path: 'net self',
    title: 'Self IP',
    verbs: ['create', 'modify', 'delete'],
    properties: {
      address: text,
      'allow-service': { list: true, spelled: serviceName },
      description: text,
      'traffic-group': text,
      vlan: text,
    },
    refuse: (_objects, name, next) =>
      prefix(String(next['address'] ?? '')) === undefined || next['vlan'] === undefined
        ? `01070734:3: Configuration error: Self IP (/Common/${name}) must have an address and a vlan.`
        : undefined,
  },
  {
    path: 'net route',
    title: 'static route',
    verbs: ['create', 'modify', 'delete'],
    properties: { description: text, gw: text, network: text },
    refuse: refuseRoute,
  },
  { path: 'net vlan', title: 'VLAN', verbs: [], properties: {} },
  { path: 'net routing bgp', title: 'BGP routing', verbs: [], properties: {} },
  { path: 'sys db', title: 'DB variable', verbs: ['modify'], properties: { value: text } },
  { path: 'cm device', title: 'device', verbs: [], properties: {} },
  { path: 'auth user', title: 'user', verbs: ['modify'], properties: { shell: text, description: text } },
  {
    path: 'cli preference',
    title: 'preference',
    verbs: ['modify'],
    properties: { pager: text, 'display-threshold': text, prompt: anything },
  },
];

/** Legacy (imish) and TMOS (`net routing`) mode exclude each other on a route domain. */
function refuseMixedModes(objects: Objects, name: string, next: Properties): string | undefined {
  const tmos = objectsOf(objects, 'sys db')['tmrouted.tmos.routing']?.['value'] === 'enable';
  if (!tmos || listOf(next['routing-protocol']).length === 0) return undefined;
  return `01071bc9:3: Cannot mix routing-protocol Legacy and TMOS mode for route-domain (/Common/${name}).`;
}

function refuseRoute(objects: Objects, name: string, next: Properties): string | undefined {
  const network = String(next['network'] ?? '');
  const gateway = String(next['gw'] ?? '');
  if (prefix(network) === undefined || !isIPv4(gateway)) {
    return `01070734:3: Configuration error: static route (/Common/${name}) must have a network and a gateway.`;
  }
  const same = Object.entries(objectsOf(objects, 'net route')).find(
    ([other, route]) => other !== name && route['network'] === network,
  );
  // [unverified] number and text
  if (same !== undefined) return `01070412:3: Static route (${network}) is duplicated by (/Common/${same[0]}).`;
  const reachable = Object.values(objectsOf(objects, 'net self')).some((self) => {
    const lan = prefix(String(self['address'] ?? ''));
    return lan !== undefined && ipaddr.IPv4.parse(gateway).match(lan);
  });
  return reachable
    ? undefined
    : `01070330:3: Static route gateway ${gateway} is not directly connected via an interface.`;
}

function prefix(value: string): [ipaddr.IPv4, number] | undefined {
  const plain = value === 'default' ? '0.0.0.0/0' : value;
  return ipaddr.IPv4.isValidCIDR(plain) ? ipaddr.IPv4.parseCIDR(plain) : undefined;
}

/** The word for a value that takes its place whole: `all`, `none`, `default`. */
export function isWhole(value: Value | readonly string[]): value is string {
  return typeof value === 'string' && ['all', 'none', 'default'].includes(value);
}
