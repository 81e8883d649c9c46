import { z } from 'zod';
import type { Fact } from '../core/facts.ts';
import { parseAnswer } from '../host/answer.ts';
import { apiId, type KubeAccess } from '../kube/access.ts';
import { askKubectl } from '../kube/kubectl.ts';

export interface DaemonSetState {
  /** Nodes that it should run on, and those on which it is ready. */
  readonly desired: number;
  readonly ready: number;
}

const Found = z.object({ status: z.object({ desiredNumberScheduled: z.number(), numberReady: z.number() }) });

/** On how many nodes a DaemonSet runs; nothing where there is none of the name. */
export const daemonSet = (access: KubeAccess, namespace: string, name: string): Fact<DaemonSetState | undefined> => ({
  name: `daemon-set ${namespace}/${name} ${apiId(access)}`,
  async read(ctx) {
    const asked = ['get', 'daemonset', name, '--namespace', namespace, '--ignore-not-found', '-o', 'json'];
    const stdout = await askKubectl(ctx, access, ...asked);
    if (stdout.trim() === '') return undefined;
    const { status } = parseAnswer(Found, stdout, 'KUBE.ANSWER', `kubectl get daemonset ${name}`);
    return { desired: status.desiredNumberScheduled, ready: status.numberReady };
  },
});
