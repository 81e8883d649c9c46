import { z } from 'zod';
import type { Reader } from '../../core/context.ts';
import type { Fact } from '../../core/facts.ts';
import { parseAnswer } from '../../host/answer.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { askKubectl, partOf } from '../../kube/kubectl.ts';
import { calicoNodeObjects } from './objects.ts';

/** What calico-node programs routes with; `bird` is the only one that speaks BGP. Nothing where no calico-node was ever started. */
export const calicoBackend = (access: KubeAccess): Fact<string | undefined> => ({
  name: `calico-backend ${apiId(access)}`,
  async read(ctx, facts) {
    const [pod] = await facts.get(calicoNodeObjects(access));
    if (!pod) return undefined;
    const { containers } = partOf(Spec, pod, 'spec');
    const setting = containers
      .find(({ name }) => name === 'calico-node')
      ?.env?.find(({ name }) => name === 'CALICO_NETWORKING_BACKEND');
    const from = setting?.valueFrom?.configMapKeyRef;
    const said = from ? await fromConfigMap(ctx, access, pod.metadata.namespace ?? '', from) : setting?.value;
    return said || 'bird';
  },
});

/** It goes onto a command line. */
const Name = z.string().regex(/^[a-z0-9][a-z0-9.-]*$/);

/** The operator writes the value itself, the manifest leads to a ConfigMap. */
const Setting = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.object({ configMapKeyRef: z.object({ name: Name, key: z.string() }).optional() }).optional(),
});
const Spec = z.object({
  containers: z.array(z.object({ name: z.string(), env: z.array(Setting).optional() })).default([]),
});

const ConfigMap = z.object({ data: z.record(z.string(), z.string()).optional() });

async function fromConfigMap(
  ctx: Reader,
  access: KubeAccess,
  namespace: string,
  { name, key }: { readonly name: string; readonly key: string },
): Promise<string | undefined> {
  const asked = ['get', 'configmaps', name, '--namespace', namespace, '--ignore-not-found', '-o', 'json'];
  const text = await askKubectl(ctx, access, ...asked);
  return text.trim() === '' ? undefined : parseAnswer(ConfigMap, text, 'KUBE.ANSWER', `ConfigMap ${name}`).data?.[key];
}
