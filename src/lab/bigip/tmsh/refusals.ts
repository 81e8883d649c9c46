import { isIP } from 'node:net';
import { bare, contains, domainOf, isPrefix } from './addresses.ts';
import { blocksOf, listOf, type Objects, objectsOf, type Properties } from './store.ts';

/** Why mcpd refuses an object that a command would make; numbers and texts that no source confirms are marked. */
type Refusal = (objects: Objects, name: string, next: Properties) => string | undefined;

const MIXED = (domain: string) =>
  `01071bc9:3: Cannot mix routing-protocol Legacy and TMOS mode for route-domain (/Common/${domain}).`;

export const refuseRouteDomain: Refusal = (objects, name, next) => {
  const { id } = next;
  // [unverified] number and texts of these three
  if (id === undefined) return `01070734:3: Configuration error: route domain (/Common/${name}) must have an id.`;
  const others = Object.entries(objectsOf(objects, 'net route-domain')).filter(([other]) => other !== name);
  const same = others.find(([, domain]) => domain['id'] === id);
  if (same !== undefined) return `01070734:3: Configuration error: id ${id} is that of (/Common/${same[0]}).`;
  const taken = listOf(next['vlans']).find((vlan) => others.some(([, each]) => listOf(each['vlans']).includes(vlan)));
  if (taken !== undefined) return `01070734:3: Configuration error: VLAN (/Common/${taken}) is in a route domain.`;
  if (listOf(next['routing-protocol']).length === 0) return undefined;
  if (tmosRouting(objects)) return MIXED(name);
  // [unverified] text; the number is that of other features that are not licensed
  return isLicensed(objects) ? undefined : '01070356:3: Dynamic Routing feature not licensed.';
};

/** A route domain with addresses in it stays, and the first one always does. [unverified] number and text */
export function refuseRouteDomainEnd(objects: Objects, name: string): string | undefined {
  const id = Number(objectsOf(objects, 'net route-domain')[name]?.['id'] ?? name);
  const used = Object.values(objectsOf(objects, 'net self')).some((self) => domainOf(String(self['address'])) === id);
  return used || id === 0 ? `01070734:3: Configuration error: route domain (/Common/${name}) is in use.` : undefined;
}

export const refuseVariable: Refusal = (objects, name, next) => {
  if (name !== 'tmrouted.tmos.routing' || next['value'] !== 'enable') return undefined;
  const domains = Object.entries(objectsOf(objects, 'net route-domain'));
  const legacy = domains.find(([, domain]) => listOf(domain['routing-protocol']).length > 0);
  return legacy === undefined ? undefined : MIXED(legacy[0]);
};

export const refuseSelf: Refusal = (objects, name, next) => {
  const address = String(next['address'] ?? '');
  if (!isPrefix(address) || next['vlan'] === undefined) {
    return `01070734:3: Configuration error: Self IP (/Common/${name}) must have an address and a vlan.`;
  }
  if (hasDomain(objects, domainOf(address))) return undefined;
  return `01020036:3: The requested Route Domain (/Common/${domainOf(address)}) was not found.`;
};

export const refuseRoute: Refusal = (objects, name, next) => {
  const network = String(next['network'] ?? '');
  const gateway = String(next['gw'] ?? '');
  if (!isPrefix(network) || isIP(bare(gateway)) === 0) {
    return `01070734:3: Configuration error: static route (/Common/${name}) must have a network and a gateway.`;
  }
  const same = Object.entries(objectsOf(objects, 'net route')).find(
    ([other, route]) => other !== name && route['network'] === network,
  );
  // [unverified] number and text
  if (same !== undefined) return `01070412:3: Static route (${network}) is duplicated by (/Common/${same[0]}).`;
  const selfs = Object.values(objectsOf(objects, 'net self')).map((self) => String(self['address'] ?? ''));
  const lan = selfs.find((self) => domainOf(self) === domainOf(gateway) && contains(self, gateway));
  if (lan !== undefined) return undefined;
  return `01070330:3: Static route gateway ${gateway} is not directly connected via an interface.`;
};

export function tmosRouting(objects: Objects): boolean {
  return objectsOf(objects, 'sys db')['tmrouted.tmos.routing']?.['value'] === 'enable';
}

export function isLicensed(objects: Objects): boolean {
  return blocksOf(objectsOf(objects, 'sys license')['license'])['routing'] !== 'absent';
}

function hasDomain(objects: Objects, id: number): boolean {
  return Object.values(objectsOf(objects, 'net route-domain')).some((domain) => Number(domain['id']) === id);
}
