import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { calicoServed } from '../../kube/calico-api.ts';
import { getLabelled, getObjects, type KubeObject } from '../../kube/kubectl.ts';

/** What the API holds, by kinds that are asked for together: each of these is one call, however many facts are made of it. */
const objects = (access: KubeAccess, ...kinds: readonly string[]): Fact<readonly KubeObject[]> => ({
  name: `${kinds.join(',')} ${apiId(access)}`,
  read: (ctx) => getObjects(ctx, access, ...kinds),
});

export const nodeObjects = (access: KubeAccess) => objects(access, 'nodes', 'namespaces');

/** The pods of Calico's DaemonSet, in which BIRD runs. Of a large cluster's other pods nobody asks for all that the API knows. */
export const calicoNodeObjects = (access: KubeAccess): Fact<readonly KubeObject[]> => ({
  name: `objects of calico-node ${apiId(access)}`,
  read: (ctx) => getLabelled(ctx, access, 'pods', 'k8s-app=calico-node'),
});

/** Calico's address management, its pools, and its word on its version. Where IPAM is read depends on how Calico was installed. */
export const calicoIpamObjects = (access: KubeAccess): Fact<readonly KubeObject[]> => ({
  name: `ipam objects ${apiId(access)}`,
  async read(_, facts) {
    const { ipam } = await facts.get(calicoServed(access));
    const kinds = ['blockaffinities', 'ipamblocks', 'ippools', 'clusterinformations'];
    return facts.get(objects(access, ...kinds.map((kind) => `${kind}.${ipam}`)));
  },
});

export const ofKind =
  (kind: string) =>
  (object: KubeObject): boolean =>
    object.kind === kind;
