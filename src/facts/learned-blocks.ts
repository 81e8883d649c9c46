import type { LearnedBlock } from '../core/documents.ts';
import { isUnreachable } from '../core/errors.ts';
import type { Fact, Facts } from '../core/facts.ts';
import { apiId, type KubeAccess } from '../kube/access.ts';
import { contains } from '../net/cidr.ts';
import { type BigipRoutes, bigipRoutes } from './bigip-routes.ts';
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
  const owned = new Set(routes.map(({ prefix }) => prefix));
  const ownerless = tables.learned.filter(({ prefix }) => !owned.has(prefix) && contains(pods, prefix));
  return [
    ...routes.map(({ prefix, node, via }) => block(prefix, router, tables, { node, via })),
    ...ownerless.map(({ prefix }) => block(prefix, router, tables)),
  ];
}

function block(
  prefix: string,
  { name }: RouterTarget,
  { learned, installed }: BigipRoutes,
  owner?: { readonly node: string; readonly via: string },
): LearnedBlock {
  const paths = learned.find((each) => each.prefix === prefix)?.paths ?? [];
  const best = paths.find((path) => path.best);
  const [hop] = installed.find((each) => each.prefix === prefix)?.hops ?? [];
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
