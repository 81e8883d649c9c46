import type { Reader } from '../core/context.ts';
import { calicoManifest } from '../kube/calico-manifest.ts';
import type { K3dPlace } from './place.ts';
import type { ClusterShape } from './shape.ts';

/** Calico's manifest as it goes into the servers: the published one, by its digest, with the cluster's settings in it. */
export async function manifestFor(
  { artifacts }: Pick<Reader, 'artifacts'>,
  { cluster, nodes }: K3dPlace,
  { calico }: ClusterShape,
): Promise<string> {
  if (!calico) throw new Error(`the cluster ${cluster} is to be made without Calico`);
  const { version, ...settings } = calico;
  const published = await artifacts.text({ name: 'calico-manifest', version, platform: 'any' });
  // nodes are containers, in which nobody mounts securityfs
  return calicoManifest(published, { ...settings, nodes, securityfs: false });
}
