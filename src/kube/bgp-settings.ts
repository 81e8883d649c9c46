import { z } from 'zod';
import { parseAsn } from '../net/asn.ts';

/** One field of a BGPConfiguration that cpaas may set; or, for the object itself, that it exists. */
export const BgpSetting = z.union([z.boolean(), z.number(), z.string()]);
export type BgpSetting = z.infer<typeof BgpSetting>;

/** The fields that cpaas may set, with what Calico does where they say nothing. */
export const BGP_DEFAULTS = { asNumber: 64512, nodeToNodeMeshEnabled: true, logSeverityScreen: 'Info' } as const;

/** The settings that an object says something of. `Info` is what any writer fills in, so it counts as nothing said. */
export function settingsOf(spec: Readonly<Record<string, unknown>>): readonly (readonly [string, BgpSetting])[] {
  const asNumber = typeof spec['asNumber'] === 'string' ? parseAsn(spec['asNumber']) : spec['asNumber'];
  return Object.keys(BGP_DEFAULTS).flatMap((field) => {
    const { data } = BgpSetting.safeParse(field === 'asNumber' ? asNumber : spec[field]);
    return data === undefined || (field === 'logSeverityScreen' && data === BGP_DEFAULTS[field])
      ? []
      : [[field, data] as const];
  });
}

/** What holds where a setting has this value, or none. */
export const inForce = (key: string, value: BgpSetting | undefined): BgpSetting | undefined =>
  value ?? Object.entries(BGP_DEFAULTS).find(([field]) => field === key)?.[1];

/** What the API server or Calico's own client fills in. */
const filledIn: Readonly<Record<string, unknown>> = {
  serviceLoadBalancerAggregation: 'Enabled',
  programClusterRoutes: 'Enabled',
  ipv4NormalRoutePriority: 1024,
  ipv6NormalRoutePriority: 1024,
};

/** Whether an object says nothing but our settings and what is filled in: nobody else has a use for it. */
export const isNobodyElses = (spec: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(spec).every(([field, value]) => field in BGP_DEFAULTS || filledIn[field] === value);

/** A setting in words; two values are from and to. */
export function words(key: string, values: readonly (BgpSetting | undefined)[]): string {
  const shown = values.filter((value) => value !== undefined);
  return key === 'nodeToNodeMeshEnabled'
    ? `node mesh ${shown.map((on) => (on ? 'on' : 'off')).join(' → ')}`
    : `${key} ${shown.join(' → ')}`;
}

/** What a change of a setting disturbs. */
export function dies(key: string, to: BgpSetting | undefined): string {
  if (key === 'nodeToNodeMeshEnabled' && to === false)
    return 'nodes no longer learn the pod blocks of other nodes, unless there is a route reflector';
  if (key === 'logSeverityScreen') return 'calico-node logs at another level';
  return 'every BGP session of the nodes starts again';
}
