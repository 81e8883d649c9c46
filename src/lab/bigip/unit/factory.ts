import { createHash } from 'node:crypto';
import { addressCount, nthAddress } from '../../../net/cidr.ts';
import type { LabRouter, LabSpec } from '../../spec.ts';
import { DEFAULT_SERVICES, serviceName } from '../tmsh/services.ts';
import type { Objects, Value } from '../tmsh/store.ts';
import { type Behaviour, behaviour } from './behaviour.ts';
import type { UnitState } from './state.ts';
import { TMOS_EXAMPLE } from './tmos-routing.ts';

/** The interface on the LAN, and the name of the VLAN. */
const VLAN = 'internal';

/** A unit as it stands before anybody touched it, as its switches say. */
export function newUnit(spec: LabSpec, router: LabRouter): UnitState {
  const switched = behaviour(router.switches);
  const { routeDomain, zebos, tmosRouting, version, product, unlicensed } = switched;
  const hostname = hostnameOf(router);
  const objects: Objects = {
    'net vlan': { [VLAN]: { interfaces: ['1.1'], tag: '4094' } },
    'net route-domain': routeDomains(switched),
    'net self': selfIps(spec, router),
    'net self-allow': { '': { defaults: DEFAULT_SERVICES } },
    'net route': {},
    'net routing bgp': tmosRouting ? { tmos: TMOS_EXAMPLE(spec.asNumber, routeDomain, lastAddress(spec.lan)) } : {},
    'sys db': { 'tmrouted.tmos.routing': { value: tmosRouting ? 'enable' : 'disable' } },
    'sys global-settings': { '': { hostname } },
    'sys license': { license: { routing: unlicensed ? 'absent' : 'present' } },
    ...devices(spec, router),
    'auth user': {
      admin: { description: 'Admin User', 'partition-access': ['all-partitions'], shell: 'tmsh' },
      root: { description: 'root', shell: 'bash' },
    },
    'cli preference': { '': { pager: 'enabled' } },
  };
  const lines = { [routeDomain]: [...zebos] };
  return { hostname, serial: serial(spec, router), product, version, objects, zebos: lines };
}

export function hostnameOf(router: LabRouter): string {
  return behaviour(router.switches).hostname || `${router.name}.lab.example`;
}

function routeDomains({ routeDomain, routingProtocol, zebos }: Behaviour): Objects[string] {
  const protocols = routingProtocol || zebos.length > 0 ? ['BGP'] : [];
  const own = { id: String(routeDomain), 'routing-protocol': protocols, vlans: ['http-tunnel', 'socks-tunnel', VLAN] };
  if (routeDomain === 0) return { '0': own };
  return {
    '0': { id: '0', vlans: ['http-tunnel', 'socks-tunnel'] },
    [routeDomain]: { ...own, vlans: [VLAN] },
  };
}

function selfIps(spec: LabSpec, router: LabRouter): Objects[string] {
  const { selfIp, lockdown, routeDomain } = behaviour(router.switches);
  if (selfIp === 'missing') return {};
  const length = spec.lan.split('/')[1];
  return {
    [router.selfIp]: {
      address: `${router.address}${routeDomain === 0 ? '' : `%${routeDomain}`}/${length}`,
      'allow-service': allowService(lockdown),
      floating: selfIp === 'floating' ? 'enabled' : 'disabled',
      'traffic-group': selfIp === 'floating' ? 'traffic-group-1' : 'traffic-group-local-only',
      vlan: VLAN,
    },
  };
}

function allowService(lockdown: 'none' | 'all' | 'default' | readonly string[]): Value {
  if (lockdown === 'all') return 'all';
  if (lockdown === 'none') return [];
  return lockdown === 'default' ? ['default'] : lockdown.map((name) => serviceName(name) ?? name);
}

/** Itself, and in a pair the others, which are what it is not. */
function devices(spec: LabSpec, router: LabRouter): Objects {
  const { ha, version } = behaviour(router.switches);
  const own = ha === 'standby' ? 'standby' : 'active';
  const pair = ha === 'standalone' ? [router] : spec.routers;
  const entries = pair.map((each) => {
    const self = each.address === router.address;
    const state = self ? own : own === 'active' ? 'standby' : 'active';
    const hostname = hostnameOf(each);
    const more = { hostname, 'management-ip': '127.0.0.1', 'self-device': String(self), version };
    return [hostname, { 'failover-state': state, ...more }] as const;
  });
  const members = Object.fromEntries(pair.map((each) => [hostnameOf(each), {}]));
  const group = { 'auto-sync': 'disabled', devices: members, type: 'sync-failover' };
  return {
    'cm device': Object.fromEntries(entries),
    'cm device-group': ha === 'standalone' ? {} : { pair: group },
  };
}

function lastAddress(lan: string): string {
  return nthAddress(lan, Number(addressCount(lan)) - 2);
}

/** The same for the life of a lab, another for every unit of it, in the shape of a virtual edition's. */
function serial(spec: LabSpec, router: LabRouter): string {
  const digest = createHash('sha256').update(`${spec.name} ${router.name} ${router.address}`).digest('hex');
  return [digest.slice(0, 8), digest.slice(8, 12), digest.slice(12, 24)].join('-');
}
