import { bare } from '../tmsh/addresses.ts';
import { type Objects, objectsOf } from '../tmsh/store.ts';
import { ip } from './ip.ts';
import { applyLockdown } from './lockdown.ts';

/** Protocol number of the routes that stand for tmsh's: FRR takes them for the kernel's own, as ZebOS takes TMM's. */
const STATIC = '4';

/** Makes the namespace what the objects say: addresses, routes, lockdown. `before` is what it was made by last; nothing at a start. */
export async function applyNetwork(before: Objects, after: Objects): Promise<void> {
  const addresses = (objects: Objects) =>
    Object.values(objectsOf(objects, 'net self'))
      .filter((self) => self['floating'] !== 'enabled' || isActive(objects))
      .map((self) => [bare(`${self['address']}`), 'dev', `${self['vlan']}`]);
  const routes = (objects: Objects) =>
    Object.values(objectsOf(objects, 'net route')).map((route) => {
      return [bare(`${route['network']}`), 'via', bare(`${route['gw']}`)];
    });
  for (const gone of missing(addresses(before), addresses(after))) await ip('address', 'del', ...gone).catch(() => {});
  for (const self of addresses(after)) await ip('address', 'replace', ...self, ...(isIPv6(self[0]) ? ['nodad'] : []));
  for (const gone of missing(routes(before), routes(after)))
    await ip('route', 'del', ...gone, 'proto', STATIC).catch(() => {});
  for (const route of routes(after)) {
    const set = ip('route', 'replace', ...route, 'proto', STATIC);
    // A standby unit may lack the address that a gateway is reached from.
    await (isActive(after) ? set : set.catch(() => {}));
  }
  await applyLockdown(after);
}

/** A floating self-IP is where the active unit of a pair is. */
function isActive(objects: Objects): boolean {
  const devices = Object.values(objectsOf(objects, 'cm device'));
  return devices.every((device) => device['self-device'] !== 'true' || device['failover-state'] === 'active');
}

/** Duplicate address detection would keep such an address from use for a second. */
function isIPv6(prefix = ''): boolean {
  return prefix.includes(':');
}

function missing(before: readonly (readonly string[])[], after: readonly (readonly string[])[]) {
  const there = new Set(after.map((each) => each.join(' ')));
  return before.filter((each) => !there.has(each.join(' ')));
}
