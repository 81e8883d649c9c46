import { z } from 'zod';
import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { calicoIpamObjects, ofKind } from './objects.ts';

const Information = z.object({ calicoVersion: z.string().optional() });

/** The version of Calico that runs, such as `v3.31.7`; nothing until its first node has started. */
export const calicoVersion = (access: KubeAccess): Fact<string | undefined> => ({
  name: `calico-version ${apiId(access)}`,
  async read(_, facts) {
    const found = (await facts.get(calicoIpamObjects(access))).filter(ofKind('ClusterInformation'));
    return Information.parse(found.find(({ metadata }) => metadata.name === 'default')?.['spec'] ?? {}).calicoVersion;
  },
});
