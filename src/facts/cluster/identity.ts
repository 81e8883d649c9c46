import { CpaasError } from '../../core/errors.ts';
import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { nodeObjects, ofKind } from './objects.ts';

/** What makes a cluster itself, also when its name and addresses are used again: the UID of its namespace kube-system. */
export const clusterIdentity = (access: KubeAccess): Fact<string> => ({
  name: `cluster-identity ${apiId(access)}`,
  async read(_, facts) {
    const namespaces = (await facts.get(nodeObjects(access))).filter(ofKind('Namespace'));
    const uid = namespaces.find(({ metadata }) => metadata.name === 'kube-system')?.metadata.uid;
    if (uid) return uid;
    throw new CpaasError('FACTS.EMPTY', 'the cluster has no namespace kube-system: its API is not what it seems');
  },
});
