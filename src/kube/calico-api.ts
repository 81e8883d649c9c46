import { z } from 'zod';
import { CpaasError } from '../core/errors.ts';
import type { Fact } from '../core/facts.ts';
import { apiId, type KubeAccess } from './access.ts';
import { askJson } from './kubectl.ts';

/** Whether kubectl can write Calico's objects (v3), or only read how they are stored, so that calicoctl has to write (crd). */
export const CalicoApi = z.enum(['v3', 'crd']);
export type CalicoApi = z.infer<typeof CalicoApi>;

export interface CalicoServed {
  readonly api: CalicoApi;
  /** The group under which IPAM's own objects are read: with native v3 CRDs there is no other than v3. */
  readonly ipam: 'projectcalico.org' | 'crd.projectcalico.org';
}

const Groups = z.object({
  groups: z.array(z.object({ name: z.string(), versions: z.array(z.object({ version: z.string() })) })),
});

/** Which of Calico's APIs the cluster serves. Rejects with `CALICO.MISSING` when it serves none. */
export const calicoServed = (access: KubeAccess): Fact<CalicoServed> => ({
  name: `calico-served ${apiId(access)}`,
  async read(ctx) {
    const { groups } = await askJson(ctx, access, Groups, 'get', '--raw', '/apis');
    const serves = (group: string, served: string) =>
      groups.some(({ name, versions }) => name === group && versions.some(({ version }) => version === served));
    const v3 = serves('projectcalico.org', 'v3');
    const crd = serves('crd.projectcalico.org', 'v1');
    if (v3 || crd) return { api: v3 ? 'v3' : 'crd', ipam: crd ? 'crd.projectcalico.org' : 'projectcalico.org' };
    throw new CpaasError('CALICO.MISSING', 'the cluster has no Calico: its API serves none of its kinds', {
      next: [{ label: 'see what runs in it', command: 'cpaas kubectl -- get pods --all-namespaces' }],
    });
  },
});

export const calicoApi = (access: KubeAccess): Fact<CalicoApi> => ({
  name: `calico-api ${apiId(access)}`,
  read: async (_, facts) => (await facts.get(calicoServed(access))).api,
});
