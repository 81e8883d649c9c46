import type { LabLayout } from '../layout.ts';
import type { LabSpec } from '../spec.ts';
import { bird } from './bird.ts';
import type { ChildSpec, Parts } from './parts.ts';

/** What has to run in each machine, by its namespace: BIRD on every node, the API server on one host, the daemons of every unit. */
export async function processes(
  spec: LabSpec,
  layout: LabLayout,
  parts: Parts,
): Promise<ReadonlyMap<string, readonly ChildSpec[]>> {
  const birds = await Promise.all(spec.nodes.map((node) => bird(node, layout)));
  const api = await parts.kube.apiServerProcess(spec, layout);
  const result = new Map<string, readonly ChildSpec[]>();
  const add = (namespace: string, specs: readonly ChildSpec[]) =>
    result.set(namespace, [...(result.get(namespace) ?? []), ...specs]);
  for (const spec of [api, ...birds]) if (spec.namespace) add(spec.namespace, [spec]);
  // One after another: units share the lab's key and its known_hosts.
  for (const router of spec.routers)
    add(layout.namespace(router.name), await parts.bigip.unitProcesses(spec, router, layout));
  return result;
}
