import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { BGP_DEFAULTS, inForce, settingsOf } from '../../kube/bgp-settings.ts';
import { calicoApi } from '../../kube/calico-api.ts';
import { readCalico } from '../../kube/calico-objects.ts';

/** What a cluster's nodes speak BGP with. */
export interface ClusterBgp {
  /** Whether somebody has made the object that says so; without it Calico's defaults hold. */
  readonly configured: boolean;
  readonly asNumber: number;
  readonly nodeToNodeMesh: boolean;
}

export const clusterBgp = (access: KubeAccess): Fact<ClusterBgp> => ({
  name: `cluster bgp ${apiId(access)}`,
  async read(ctx, facts) {
    const objects = await readCalico(ctx, access, await facts.get(calicoApi(access)), 'BGPConfiguration');
    const found = objects.find(({ name }) => name === 'default');
    const said = new Map(settingsOf(found?.spec ?? {}));
    return {
      configured: found !== undefined,
      asNumber: Number(inForce('asNumber', said.get('asNumber')) ?? BGP_DEFAULTS.asNumber),
      nodeToNodeMesh: inForce('nodeToNodeMeshEnabled', said.get('nodeToNodeMeshEnabled')) !== false,
    };
  },
});
