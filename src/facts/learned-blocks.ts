import type { LearnedBlock } from '../core/documents.ts';
import { isUnreachable } from '../core/errors.ts';
import type { Fact, Facts } from '../core/facts.ts';
import { apiId, type KubeAccess } from '../kube/access.ts';
import { contains } from '../net/cidr.ts';
import { type BigipPath, type BigipRouteHop, type BigipRoutes, bigipRoutes } from './bigip-routes.ts';
import { type PodRoute, podRoutes } from './pod-routes.ts';
import type { RouterTarget } from './router-target.ts';

/** Every pod block at every router, and what routers still have of blocks that are gone. `pods` is the pod network. */
export const learnedBlocks = (
  access: KubeAccess,
  routers: readonly RouterTarget[],
  pods: string,
  names?: readonly string[],
): Fact<readonly LearnedBlock[]> => ({
  name: `learned blocks ${apiId(access)} ${routers.map(({ host }) => host).join(' ')}`,
  async read(_, facts) {
    const routes = await facts.get(podRoutes(access, names));
    return (await Promise.all(routers.map((router) => atRouter(router, routes, pods, facts)))).flat();
  },
});

async function atRouter(
  router: RouterTarget,
  routes: readonly PodRoute[],
  pods: string,
  facts: Facts,
): Promise<readonly LearnedBlock[]> {
  let tables: BigipRoutes;
  try {
    tables = await facts.get(bigipRoutes(router));
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    return routes.map(({ prefix, node }) => ({
      prefix,
      node,
      router: router.name,
      stale: false,
      trouble: error.message,
    }));
  }
  const ways: Ways = {
    learned: new Map(tables.learned.map(({ prefix, paths }) => [prefix, paths])),
    installed: new Map(tables.installed.map(({ prefix, hops }) => [prefix, hops])),
  };
  const owned = new Set(routes.map(({ prefix }) => prefix));
  const ownerless = tables.learned.filter(({ prefix }) => !owned.has(prefix) && contains(pods, prefix));
  return [
    ...routes.map(({ prefix, node, via }) => block(prefix, router, ways, { node, via })),
    ...ownerless.map(({ prefix }) => block(prefix, router, ways)),
  ];
}

/** Both tables of a unit, by prefix. */
interface Ways {
  readonly learned: ReadonlyMap<string, readonly BigipPath[]>;
  readonly installed: ReadonlyMap<string, readonly BigipRouteHop[]>;
}

function block(
  prefix: string,
  { name }: RouterTarget,
  { learned, installed }: Ways,
  owner?: { readonly node: string; readonly via: string },
): LearnedBlock {
  const paths = learned.get(prefix) ?? [];
  const best = paths.find((path) => path.best);
  const [hop] = installed.get(prefix) ?? [];
  const way = [hop?.nextHop, hop?.vlan].filter(Boolean).join(' ');
  const trouble = !owner
    ? 'no node has this block any more'
    : paths.length === 0
      ? 'not learned'
      : !best
        ? 'no path in force: its next hop may not be reachable'
        : best.nextHop !== owner.via
          ? `leads to ${best.nextHop}, not to its owner ${owner.via}`
          : best.stale
            ? 'stale: its session is gone'
            : undefined;
  return {
    prefix,
    ...(owner ? { node: owner.node } : {}),
    router: name,
    ...(best ? { nextHop: best.nextHop } : {}),
    stale: paths.some(({ stale }) => stale),
    ...(way ? { installed: way } : {}),
    ...(trouble === undefined ? {} : { trouble }),
  };
}
