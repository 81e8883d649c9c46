import { bare } from '../tmsh/addresses.ts';
import { type Objects, objectsOf, type Properties } from '../tmsh/store.ts';
import { ip } from './ip.ts';
import { applyLockdown } from './lockdown.ts';

/** Protocol number of the routes that stand for tmsh's: FRR takes them for the kernel's own, as ZebOS takes TMM's. */
const STATIC = '4';

/** Makes the namespace what the objects say: addresses, routes, lockdown. `before` is what it was made by last; nothing at a start. */
export async function applyNetwork(before: Objects, after: Objects): Promise<void> {
  const addresses = (objects: Objects) =>
    lines(objects, 'net self', (self) => [bare(`${self['address']}`), 'dev', `${self['vlan']}`]);
  const routes = (objects: Objects) =>
    lines(objects, 'net route', (route) => [bare(`${route['network']}`), 'via', bare(`${route['gw']}`)]);
  for (const gone of missing(addresses(before), addresses(after))) await ip('address', 'del', ...gone).catch(() => {});
  for (const self of addresses(after)) await ip('address', 'replace', ...self, ...(isIPv6(self[0]) ? ['nodad'] : []));
  for (const gone of missing(routes(before), routes(after)))
    await ip('route', 'del', ...gone, 'proto', STATIC).catch(() => {});
  for (const route of routes(after)) await ip('route', 'replace', ...route, 'proto', STATIC);
  await applyLockdown(after);
}

function lines(objects: Objects, component: string, words: (properties: Properties) => readonly string[]) {
  return Object.values(objectsOf(objects, component)).map(words);
}

/** Duplicate address detection would keep such an address from use for a second. */
function isIPv6(prefix = ''): boolean {
  return prefix.includes(':');
}

function missing(before: readonly (readonly string[])[], after: readonly (readonly string[])[]) {
  const there = new Set(after.map((each) => each.join(' ')));
  return before.filter((each) => !there.has(each.join(' ')));
}
