import type { Client } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/objects/object.ts';
import type { LabSpec } from '../../spec.ts';
import { daemonSetUid, reportDaemonSet } from './defaults.ts';
import { INSTANCE_TYPE, nodeDraft, nodePodDraft, webPodDraft } from './objects.ts';
import { podPath } from './pods.ts';

const NODES = '/api/v1/nodes';

/**
 * Registers the nodes of the spec, each with its calico-node pod and, when it is new, a pod to talk to; takes away those that left
 * the spec, with their pods.
 * @returns names of the nodes that went
 */
export async function reconcileNodes(
  client: Client,
  spec: LabSpec,
  pods: readonly KubeObject[],
): Promise<ReadonlySet<string>> {
  const { items } = await client.list(NODES);
  const registered = new Set(items.map(({ metadata }) => metadata.name));
  const wanted = new Set(spec.nodes.map(({ name }) => name));
  const gone = items
    .filter(({ metadata }) => metadata.labels?.['node.kubernetes.io/instance-type'] === INSTANCE_TYPE)
    .map(({ metadata }) => metadata.name)
    .filter((name) => !wanted.has(name));
  const fresh = spec.nodes.filter(({ name }) => !registered.has(name));
  const uid = await daemonSetUid(client);
  await Promise.all(
    fresh.map(async (node) => {
      await client.create(NODES, nodeDraft(node, spec));
      await Promise.all([
        client.create('/api/v1/namespaces/kube-system/pods', nodePodDraft(node, spec, uid)),
        client.create('/api/v1/namespaces/default/pods', webPodDraft(node)),
      ]);
    }),
  );
  const orphans = pods.filter(({ spec: podSpec }) =>
    gone.includes(String((podSpec as { nodeName?: unknown }).nodeName)),
  );
  await Promise.all([
    ...gone.map((name) => client.delete(`${NODES}/${name}`)),
    ...orphans.map((pod) => client.delete(podPath(pod))),
  ]);
  if (fresh.length > 0 || gone.length > 0) await reportDaemonSet(client, wanted.size);
  return new Set(gone);
}
