import { blocksOf, type Objects, objectsOf, type Properties } from '../tmsh/store.ts';

/** An instance that somebody made with tmsh: one neighbor in a group, and the virtual addresses told to it. */
export const TMOS_EXAMPLE = (asNumber: number, routeDomain: number, neighbor: string): Properties => ({
  'address-family': { ipv4: { redistribute: { kernel: {} } } },
  'local-as': String(asNumber),
  neighbor: { [neighbor]: { 'peer-group': 'Neighbor' } },
  'peer-group': { Neighbor: { 'ebgp-multihop': '2', 'remote-as': '65515' } },
  'route-domain': String(routeDomain),
});

/** The configuration that imish shows of `net routing bgp` objects, in the shape of a 16.1.3's (facts/bigip.md, A5). */
export function generatedLines(objects: Objects, routeDomain: number): readonly string[] {
  const instances = Object.values(objectsOf(objects, 'net routing bgp'));
  const instance = instances.find((each) => Number(each['route-domain']) === routeDomain);
  if (instance === undefined) return [];
  const families = Object.values(blocksOf(instance['address-family']));
  const redistributed = families.flatMap((family) => Object.keys(blocksOf(blocksOf(family)['redistribute'])));
  return [
    `router bgp ${instance['local-as']}`,
    'bgp graceful-restart restart-time 120',
    ...redistributed.map((source) => `redistribute ${source}`),
    ...Object.entries(blocksOf(instance['peer-group'])).flatMap(([name, group]) => groupLines(name, blocksOf(group))),
    ...Object.entries(blocksOf(instance['neighbor'])).map(
      ([address, neighbor]) => `neighbor ${address} peer-group ${blocksOf(neighbor)['peer-group']}`,
    ),
  ];
}

function groupLines(name: string, group: Properties): readonly string[] {
  return [
    `neighbor ${name} peer-group`,
    `neighbor ${name} remote-as ${group['remote-as']}`,
    `neighbor ${name} ebgp-multihop ${group['ebgp-multihop']}`,
    `no neighbor ${name} capability route-refresh`,
    `neighbor ${name} soft-reconfiguration inbound`,
  ];
}
