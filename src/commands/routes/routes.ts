import { examples, type VerbModule } from '../../cli/command.ts';
import type { RouteTableDocument } from '../../core/documents.ts';
import { nothing } from '../../core/plan.ts';
import { converge } from '../../engine/converge.ts';
import { onlyKinds } from '../../engine/only.ts';
import { hostRouteTable } from '../../facts/host/route-table.ts';
import { consenting } from '../../session/run/consent.ts';
import { performRun } from '../../session/run/perform-run.ts';
import { openSession, type Session } from '../../session/session.ts';
import { hostRoutes } from '../../steps/host/routes.ts';
import { routesText } from '../../ui/screens/routes.ts';
import { syncRoutes } from './sync.ts';
import { define as watch } from './watch.ts';

export const define: VerbModule['define'] = (command, act) => {
  examples(command, [
    ['cpaas routes show', 'each pod block: its node, and whether it is routed there'],
    ['cpaas routes sync', 'after a reboot, or when blocks have moved'],
    ['cpaas routes watch', 'follow the blocks as they move'],
  ]);

  const show = command.command('show').description('the routes that should be, and whether they are');
  examples(show, [['cpaas routes show -o json', 'for a program']]);
  act(show, async ({ options, io }) => {
    const session = await openSession(options, io);
    try {
      const data = await routeTable(session);
      return { kind: 'RouteTable', data, text: (view) => routesText(data, view), exit: 0 };
    } finally {
      await session.close();
    }
  });

  const sync = command.command('sync').description('make the host routes follow the pod blocks; nothing else');
  examples(sync, [['cpaas routes sync', 'the least that mends them']]);
  act(sync, ({ options, io }) =>
    performRun('routes sync', { options, io }, async (run) => ({ outcome: await syncRoutes(run, { options, io }) })),
  );

  watch(command.command('watch').description('make the host routes follow the pod blocks, until Ctrl-C'), act);

  const clear = command.command('clear').description('remove the host routes; nothing else');
  examples(clear, [['cpaas routes clear -y', 'pods are then not reached from here']]);
  act(clear, ({ options, io }) =>
    performRun(
      'routes clear',
      { options, io },
      async ({ engine, name }) => {
        const consent = consenting('routes clear', name, options, io);
        const only = onlyKinds((kind) => kind === hostRoutes.kind);
        return { outcome: await converge(nothing(name), engine, { consent, leftovers: true, gates: false, only }) };
      },
      { fileless: true },
    ),
  );
};

/** The routes to the pods on the machine that nodes are behind; none where routers reach nodes directly. */
export async function routeTable({ blueprint, facts }: Session): Promise<RouteTableDocument> {
  if (!blueprint?.gateway) return { routes: [] };
  return { routes: await facts.get(hostRouteTable(blueprint.gateway, blueprint.kube, blueprint.nodes)) };
}
