import type { Reader } from '../../core/context.ts';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import type { Seen } from '../../core/step.ts';
import { applyChanges } from '../../k3d/apply.ts';
import { changesOf } from '../../k3d/changes.ts';
import { claimPart, describePart, riskOfPart } from '../../k3d/claim.ts';
import { FILES } from '../../k3d/config.ts';
import { type NodeContainer, nodeContainers, shapeOf } from '../../k3d/containers.ts';
import { kubeconfigFor, sameKubeconfig } from '../../k3d/kubeconfig.ts';
import { manifestFor } from '../../k3d/manifest.ts';
import { CONFIGURATION, K3dPart, KUBECONFIG, partsOf } from '../../k3d/parts.ts';
import { K3dPlace } from '../../k3d/place.ts';
import { plannedCommands } from '../../k3d/planned.ts';

/**
 * A k3d cluster on one machine: what cannot be changed in it, its nodes, and a kubeconfig of its own. Where the nodes are is not part
 * of it: Docker hands addresses out anew at every start.
 */
export const k3dCluster = defineStep<K3dPlace, K3dPart>({
  kind: 'k3d.cluster',
  place: K3dPlace,
  value: K3dPart,
  undo: 'down',
  id: ({ host, cluster }) => `${host}/${cluster}`,
  title: ({ cluster }) => `k3d cluster ${cluster}`,
  host: ({ host }) => host,
  claim: claimPart,
  risk: (change, { cluster }) => riskOfPart(change, cluster),
  describe: describePart,

  async read(ctx, place, keys) {
    const containers = await nodeContainers(ctx.host(place.host), place.cluster);
    const parts: Map<string, Seen<K3dPart>> = partsOf(containers, place.cluster);
    const file = keys.has(KUBECONFIG) ? await ctx.host(place.host).read(place.kubeconfig) : undefined;
    if (keys.has(CONFIGURATION)) {
      const files = Object.values(FILES).map((name) => ctx.host(place.host).read(`${place.folder}/${name}`));
      const there = (await Promise.all(files)).filter((text) => text !== undefined).length;
      if (there > 0) parts.set(CONFIGURATION, { value: { whole: there === files.length }, mark: 'ours' });
    }
    // it stands in cpaas' own folder: whatever is in it, nobody else's is lost
    if (file !== undefined)
      parts.set(KUBECONFIG, { value: { current: await isCurrent(ctx, place, file, containers) }, mark: 'ours' });
    return parts;
  },

  async fetch(ctx, place, changes) {
    const { shape, configuration } = changesOf(changes);
    const again = configuration === 'wanted' && !shape;
    const wanted = again ? shapeOf(await nodeContainers(ctx.host(place.host), place.cluster)) : shape?.to;
    if (wanted?.calico) await manifestFor(ctx, place, wanted);
  },

  commands: plannedCommands,
  write: applyChanges,
});

/** Whether a kubeconfig is what the cluster's own would be; not so when there is no cluster. */
async function isCurrent(
  ctx: Reader,
  { host, cluster, address }: K3dPlace,
  file: string,
  containers: readonly NodeContainer[],
): Promise<boolean> {
  const shape = shapeOf(containers);
  if (!shape) return false;
  const asked = reading(['k3d', 'kubeconfig', 'get', cluster], { codes: [1, 127] });
  const { code, stdout } = await ctx.host(host).query(asked);
  return code === 0 && sameKubeconfig(file, kubeconfigFor(stdout, shape.tlsSans, address));
}
