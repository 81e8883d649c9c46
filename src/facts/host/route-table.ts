import type { RouteStatus } from '../../core/documents.ts';
import type { Fact } from '../../core/facts.ts';
import { grouped } from '../../core/grouped.ts';
import { LIST_ROUTES, OUR_PROTOCOL, parseRoutes } from '../../host/kernel-routes.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { podRoutes } from '../cluster/pod-routes.ts';

/** The routes to the pods that a machine should have, and whether it has them. */
export const hostRouteTable = (
  host: string,
  access: KubeAccess,
  names?: readonly string[],
): Fact<readonly RouteStatus[]> => ({
  name: `host routes of ${host} to the pods of ${apiId(access)}`,
  async read(ctx, facts) {
    const machine = ctx.host(host);
    const [wanted, listed] = await Promise.all([facts.get(podRoutes(access, names)), machine.query(LIST_ROUTES)]);
    const there = grouped(parseRoutes(listed.stdout, machine.name), ({ destination }) => destination);
    return wanted.map(({ prefix, node, via }) => {
      const present = there.get(prefix)?.find((route) => route.via === via);
      return {
        prefix,
        node,
        via,
        host: machine.name,
        ours: present?.protocol === OUR_PROTOCOL,
        present: present !== undefined,
      };
    });
  },
});
