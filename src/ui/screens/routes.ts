import type { RouteStatus, RouteTableDocument } from '../../core/documents.ts';
import { table } from '../text/columns.ts';
import { type Renderer, renderer, type View } from '../text/renderer.ts';

/** The host routes to the pod blocks, as they should be and as they are. */
export const routesText: Renderer<RouteTableDocument> = renderer(({ routes }, view) =>
  routes.length === 0 ? ['No host routes to pods.'] : routeLines(routes, view),
);

function routeLines(routes: readonly RouteStatus[], view: View): readonly string[] {
  const rows = routes.map((route) => [route.prefix, route.node || '-', route.via, route.host, routeWord(route, view)]);
  return table(['PREFIX', 'NODE', 'VIA', 'HOST', 'STATE'], rows, view);
}

function routeWord({ present, ours }: RouteStatus, { style }: View): string {
  if (!present) return style.wrong('missing');
  return ours ? style.done('present') : style.dim('present, not ours');
}
