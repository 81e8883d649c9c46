import { createHash } from 'node:crypto';
import type { LabRouter, LabSpec } from '../../spec.ts';
import { serviceName } from '../tmsh/services.ts';
import type { Objects, Value } from '../tmsh/store.ts';
import { behaviour } from './behaviour.ts';
import type { UnitState } from './state.ts';

/** The interface on the LAN, and the name of the VLAN. */
const VLAN = 'internal';

/** A unit as it stands before anybody touched it, as its switches say. */
export function newUnit(spec: LabSpec, router: LabRouter): UnitState {
  const { routingProtocol, zebos, tmosRouting, version } = behaviour(router.switches);
  const protocols = routingProtocol || zebos.length > 0 ? ['BGP'] : [];
  const hostname = hostnameOf(router.name);
  const objects: Objects = {
    'net vlan': { [VLAN]: { interfaces: ['1.1'], tag: '4094' } },
    'net route-domain': {
      '0': { id: '0', 'routing-protocol': protocols, vlans: ['http-tunnel', 'socks-tunnel', VLAN] },
    },
    'net self': selfIps(spec, router),
    'net route': {},
    'net routing bgp': tmosRouting ? { tmos: { 'local-as': String(spec.asNumber), 'route-domain': '0' } } : {},
    'sys db': { 'tmrouted.tmos.routing': { value: tmosRouting ? 'enable' : 'disable' } },
    'cm device': { [hostname]: { 'failover-state': 'active', hostname, 'management-ip': '127.0.0.1', version } },
    'auth user': {
      admin: { description: 'Admin User', 'partition-access': ['all-partitions'], shell: 'tmsh' },
      root: { description: 'root', shell: 'bash' },
    },
    'cli preference': { preference: { pager: 'enabled' } },
  };
  return { hostname, serial: serial(spec, router), version, objects, zebos: { '0': [...zebos] } };
}

export function hostnameOf(router: string): string {
  return `${router}.lab.example`;
}

function selfIps(spec: LabSpec, router: LabRouter): Objects[string] {
  const { selfIp, lockdown } = behaviour(router.switches);
  if (selfIp === 'missing') return {};
  const length = spec.lan.split('/')[1];
  return {
    [router.selfIp]: {
      address: `${router.address}/${length}`,
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

/** The same for the life of a lab, another for every unit of it, in the shape of a virtual edition's. */
function serial(spec: LabSpec, router: LabRouter): string {
  const digest = createHash('sha256').update(`${spec.name} ${router.name} ${router.address}`).digest('hex');
  return [digest.slice(0, 8), digest.slice(8, 12), digest.slice(12, 24)].join('-');
}
