import { refuseRoute, refuseRouteDomain, refuseRouteDomainEnd, refuseSelf, refuseVariable } from './refusals.ts';
import { serviceName } from './services.ts';
import type { Objects, Properties, Value } from './store.ts';

/** One component of tmsh: what it is called in errors, what may be done to it, and what makes an object of it wrong. */
export interface Component {
  readonly path: string;
  /** As in `The requested … (/Common/x) was not found.` */
  readonly title: string;
  readonly verbs: readonly ('create' | 'modify' | 'delete')[];
  /** Properties that can be given, and how their values are spelled; a list is one where `members` is there. */
  readonly properties: Readonly<Record<string, PropertySpec>>;
  /** Of what has one object only, whose name nobody gives. */
  readonly only?: string;
  /** What its API is called where it is not the usual one: printed before each list, as seen on a 17.1. */
  readonly status?: 'early_access';
  /** Why the unit refuses an object, as the mcpd message; asked for what a command would make. */
  refuse?(objects: Objects, name: string, next: Properties): string | undefined;
  /** Why it keeps one that somebody wants to delete. */
  refuseEnd?(objects: Objects, name: string): string | undefined;
}

export interface PropertySpec {
  readonly list: boolean;
  /** The spelling that is kept; nothing for what is no such value. */
  spelled(text: string): string | undefined;
}

const text: PropertySpec = { list: false, spelled: (value) => value };
const anything: PropertySpec = { list: true, spelled: (value) => value };
const named: PropertySpec = { list: true, spelled: (value) => value.replace(/^\/Common\//, '') };
const PROTOCOLS = ['BFD', 'BGP', 'IS-IS', 'OSPFv2', 'OSPFv3', 'PIM', 'RIP', 'RIPng'];
const ALL_VERBS = ['create', 'modify', 'delete'] as const;

const COMPONENTS: readonly Component[] = [
  {
    path: 'net route-domain',
    title: 'Route Domain',
    verbs: ALL_VERBS,
    properties: {
      description: text,
      id: { list: false, spelled: (value) => (/^\d{1,5}$/.test(value) && Number(value) < 65535 ? value : undefined) },
      'routing-protocol': { list: true, spelled: (value) => PROTOCOLS.find((each) => each === value) },
      strict: text,
      vlans: named,
    },
    refuse: refuseRouteDomain,
    refuseEnd: refuseRouteDomainEnd,
  },
  {
    path: 'net self',
    title: 'Self IP',
    verbs: ALL_VERBS,
    properties: {
      address: text,
      'allow-service': { list: true, spelled: serviceName },
      description: text,
      'traffic-group': text,
      vlan: text,
    },
    refuse: refuseSelf,
  },
  { path: 'net self-allow', title: 'self-allow', verbs: [], properties: {}, only: '' },
  {
    path: 'net route',
    title: 'static route',
    verbs: ALL_VERBS,
    properties: { description: text, gw: text, network: text },
    refuse: refuseRoute,
  },
  { path: 'net vlan', title: 'VLAN', verbs: [], properties: {} },
  { path: 'net routing bgp', title: 'BGP routing', verbs: [], properties: {}, status: 'early_access' },
  { path: 'sys db', title: 'DB variable', verbs: ['modify'], properties: { value: text }, refuse: refuseVariable },
  { path: 'sys global-settings', title: 'global settings', verbs: [], properties: {}, only: '' },
  { path: 'cm device-group', title: 'device group', verbs: [], properties: {} },
  { path: 'cm device', title: 'device', verbs: [], properties: {} },
  { path: 'auth user', title: 'user', verbs: ['modify'], properties: { shell: text, description: text } },
  {
    path: 'cli preference',
    title: 'preference',
    verbs: ['modify'],
    properties: { pager: text, 'display-threshold': text, prompt: anything },
    only: '',
  },
];

/** The component that a command is about, by the words after its verb. */
export function componentOf(words: readonly string[]): Component | undefined {
  return COMPONENTS.find(({ path }) => path === words.slice(0, path.split(' ').length).join(' '));
}

/** The word for a value that takes its place whole: `all`, `none`, `default`. */
export function isWhole(value: Value | readonly string[]): value is string {
  return typeof value === 'string' && ['all', 'none', 'default'].includes(value);
}
