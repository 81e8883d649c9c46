import type { Check } from '../core/documents.ts';
import { isUnreachable } from '../core/errors.ts';
import { type BigipRoutes, bigipRoutes } from '../facts/bigip/routes.ts';
import { type PodRoute, podRoutes } from '../facts/cluster/pod-routes.ts';
import { hostRouteTable } from '../facts/host/route-table.ts';
import { type RouterTarget, sidesOf } from '../facts/router-target.ts';
import { check, type Subject, timed } from './subject.ts';

/** Every pod block at every router: learned, in force, not stale, by way of the owner and of nobody else. */
export async function learnedRouteChecks({ kube, nodes, routers, facts }: Subject): Promise<readonly Check[]> {
  const perRouter = routers.flatMap(sidesOf).map(async (router) => {
    const routes = await facts.get(podRoutes(kube, nodes, router.family));
    try {
      const [tables, seconds] = await timed(() => facts.get(bigipRoutes(router)));
      return routes.map((route) =>
        route.withheld ? withheld(router, route) : learned(router, route, tables, seconds / routes.length),
      );
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      return routes.map((route) => verdict(router, route, error.message, 0));
    }
  });
  return (await Promise.all(perRouter)).flat();
}

function learned(router: RouterTarget, route: PodRoute, { learned, installed }: BigipRoutes, seconds: number): Check {
  const paths = learned.find(({ prefix }) => prefix === route.prefix)?.paths ?? [];
  const used = paths.filter(({ valid }) => valid);
  const best = used.find((path) => path.best);
  const others = used.filter(({ nextHop }) => nextHop !== route.via).map(({ nextHop }) => nextHop);
  const forwards = installed.find(({ prefix }) => prefix === route.prefix);
  const trouble =
    paths.length === 0
      ? 'not learned'
      : !best
        ? 'learned, but no path is in force: its next hop may not be reachable'
        : best.stale
          ? 'stale: kept by graceful restart, its session is gone'
          : best.nextHop !== route.via
            ? `leads to ${best.nextHop}, which is not the owner's address ${route.via}`
            : others.length > 0
              ? `also learned by way of ${others.join(', ')}`
              : !forwards
                ? 'learned, but not in the routing table'
                : undefined;
  return verdict(router, route, trouble, seconds);
}

const TITLE = "pod block is in the router's table by way of its owner";

const withheld = ({ name }: RouterTarget, { prefix }: PodRoute): Check =>
  check(['route', name, prefix], TITLE, 'skip', 'no router is told of it: its pool is not exported (disableBGPExport)');

function verdict(
  { name }: RouterTarget,
  { prefix, node, via }: PodRoute,
  trouble: string | undefined,
  seconds: number,
): Check {
  return check(['route', name, prefix], TITLE, trouble ? 'fail' : 'pass', trouble ?? `via ${node} (${via})`, seconds);
}

/** Every pod block on the machine that nodes are behind. */
export async function hostRouteChecks({ gateway, kube, nodes, facts }: Subject): Promise<readonly Check[]> {
  if (!gateway) return [];
  const [routes, seconds] = await timed(() => facts.get(hostRouteTable(gateway, kube, nodes)));
  return routes.map(({ host, prefix, via, node, present }) =>
    check(
      ['host-route', host, prefix],
      'pod block is routed to its node',
      present ? 'pass' : 'fail',
      present ? `via ${node} (${via})` : `no route via ${via}`,
      seconds / routes.length,
    ),
  );
}
