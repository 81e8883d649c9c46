import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import type { ElementChange } from '../../core/step.ts';
import { parseTmsh, properties, text, tmshList } from '../../drivers/tmsh.ts';
import { markOf, ownerOf, RouteDomainPlace } from '../../routers/bigip/place.ts';
import { saveSysConfig } from '../../routers/bigip/saving/save-sys-config.ts';

/** `name` is left out where it is the one that cpaas gives. A route that leads to no gateway has words instead: `blackhole`. */
const Route = z.strictObject({ gw: z.string(), name: z.string().optional() });
export type BigipRoute = z.infer<typeof Route>;

const ROUTES = reading(tmshList('net', 'route'));

/** Static routes of a unit, by destination in CIDR notation. Somebody's route there is left when it leads the same way. */
export const bigipRoute = defineStep<RouteDomainPlace, BigipRoute>({
  kind: 'bigip.route',
  place: RouteDomainPlace,
  value: Route,
  undo: 'down',
  id: ({ unit, routeDomain }) => `${unit}/rd${routeDomain}`,
  title: ({ routeDomain }) => (routeDomain === 0 ? 'static routes' : `static routes of route domain ${routeDomain}`),
  host: ({ host }) => host,
  within: ({ within }) => within,
  risk: ({ key, from, to }) => {
    if (!from) return { risk: 'additive' };
    return { risk: 'disruptive', why: `${key} is no longer reached by ${from.gw}${to ? `, but by ${to.gw}` : ''}` };
  },
  describe: ({ key, from, to }) => `route ${key} via ${[from?.gw, to?.gw].filter(Boolean).join(' → ')}`,
  close: saveSysConfig,

  claim(key, seen, want, ours) {
    if (!seen || ours) return 'take';
    if (seen.value.gw === want.gw) return 'leave';
    return { conflict: `route ${seen.value.name ?? ''} leads ${key} to ${seen.value.gw}, not ${want.gw}` };
  },

  async read(ctx, { host, cluster, routeDomain }, keys) {
    const { stdout } = await ctx.host(host).query(ROUTES);
    const rows = parseTmsh(stdout, ['net route']).flatMap(({ name, block }) => {
      const found = properties(block);
      const { network, domain } = destination(text(found['network']) ?? name);
      if (domain !== routeDomain) return [];
      const mark = ownerOf(text(found['description']), cluster);
      if (!keys.has(network) && mark !== 'ours') return [];
      const gw = text(found['gw'])?.replace(/%\d+$/, '') ?? elsewhere(found);
      const value = { gw, ...(name === nameOf(cluster, network) ? {} : { name }) };
      return [[network, { value, ...(mark ? { mark } : {}) }] as const];
    });
    return new Map(rows);
  },

  commands: (place, changes) =>
    changes
      .flatMap((change) => (isRenamed(change) ? anew(change) : [change]))
      .flatMap((change) => argvOf(place, change))
      .map((argv) => ({ argv })),
});

/** One that was adopted has somebody's name and no mark: when it has to lead elsewhere it is made anew. */
const isRenamed = ({ from, to }: ElementChange<BigipRoute>): boolean =>
  from !== undefined && to !== undefined && from.name !== to.name;
const anew = (change: ElementChange<BigipRoute>): readonly ElementChange<BigipRoute>[] => [
  { ...change, to: undefined },
  { ...change, from: undefined },
];

function argvOf({ cluster, routeDomain }: RouteDomainPlace, change: ElementChange<BigipRoute>): (readonly string[])[] {
  const { key, from, to } = change;
  const name = (to ?? from)?.name ?? nameOf(cluster, key);
  const gw = `${to?.gw}${routeDomain === 0 ? '' : `%${routeDomain}`}`;
  if (!to) return [['tmsh', 'delete', 'net', 'route', name]];
  if (from) return [['tmsh', 'modify', 'net', 'route', from.name ?? name, 'gw', gw]];
  const network = routeDomain === 0 ? key : key.replace('/', `%${routeDomain}/`);
  return [['tmsh', 'create', 'net', 'route', name, 'network', network, 'gw', gw, 'description', markOf(cluster)]];
}

/** Objects of tmsh are named with letters, digits, dots, dashes and underscores. */
const nameOf = (cluster: string, network: string): string => `cpaas-${cluster}-${network.replaceAll(/[^\w.-]/g, '_')}`;

/** tmsh has words for the default routes, and appends the route domain to addresses of all but the first. */
function destination(shown: string): { readonly network: string; readonly domain: number } {
  const domain = Number(/%(\d+)/.exec(shown)?.[1] ?? 0);
  const bare = shown.replace(/%\d+/, '');
  const network = { default: '0.0.0.0/0', 'default-inet6': '::/0' }[bare] ?? bare;
  return { network, domain };
}

/** A route may lead to a pool or a VLAN, or nowhere. */
function elsewhere(found: ReturnType<typeof properties>): string {
  for (const way of ['pool', 'interface']) if (text(found[way])) return `${way} ${text(found[way])}`;
  return text(found['blackhole']) ?? 'no gateway';
}
