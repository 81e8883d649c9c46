import { z } from 'zod';

const Hop = z.object({
  ip: z.string().optional(),
  interfaceName: z.string().optional(),
  directlyConnected: z.boolean().optional(),
  fib: z.boolean().optional(),
  active: z.boolean().optional(),
  recursive: z.boolean().optional(),
  resolver: z.boolean().optional(),
});
const Route = z.object({
  protocol: z.string(),
  selected: z.boolean().optional(),
  distance: z.number(),
  metric: z.number(),
  uptime: z.string(),
  nexthops: z.array(Hop).default([]),
});
type Route = z.infer<typeof Route>;
/** zebra's `show ip route json`. */
const Routes = z.record(z.string(), z.array(Route));

const CODES = `Codes: K - kernel, C - connected, S - static, R - RIP, B - BGP
       O - OSPF, IA - OSPF inter area
       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2
       E1 - OSPF external type 1, E2 - OSPF external type 2
       i - IS-IS, L1 - IS-IS level-1, L2 - IS-IS level-2, ia - IS-IS inter area
       * - candidate default

`;

/** `show ip route`, with `only` bgp without the legend. In place of an interface stands the name of the VLAN, which is the same. */
export function renderRoutes(json: unknown, only?: 'bgp'): string {
  const rows = Object.entries(Routes.parse(json)).flatMap(([prefix, routes]) =>
    routes
      .filter((route) => route.selected === true && (only === undefined || route.protocol === only))
      .flatMap((route) => row(prefix, route)),
  );
  const gateway = rows.some((line) => line.includes(' 0.0.0.0/0 ')) ? [] : ['', 'Gateway of last resort is not set'];
  return `${only === undefined ? CODES : ''}${[...rows, ...gateway].map((line) => `${line}\n`).join('')}`;
}

function row(prefix: string, route: Route): readonly string[] {
  const hop = route.nexthops.find((each) => each.resolver !== true);
  if (hop === undefined) return [];
  // A hop that another route leads to leaves through that route's interface.
  const vlan = hop.interfaceName ?? route.nexthops.find((each) => each.resolver === true)?.interfaceName ?? 'unknown';
  if (route.protocol === 'connected') return [`C       ${prefix} is directly connected, ${vlan}`];
  const letter = route.protocol === 'bgp' ? 'B' : 'K';
  const distance = `[${route.distance}/${route.metric}]`;
  if (hop.ip === undefined) return [`${letter}       ${prefix} ${distance} is directly connected, ${vlan}`];
  const since = letter === 'B' ? `, ${route.uptime}` : '';
  return [`${letter}       ${prefix} ${distance} via ${hop.ip}, ${vlan}${since}`];
}
