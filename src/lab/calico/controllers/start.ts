import { CpaasError } from '../../../core/errors.ts';
import { connect } from '../../kube/client.ts';
import type { LabSpec } from '../../spec.ts';
import type { Controllers, KubePart } from '../../supervisor/parts.ts';
import { createRouting, ROUTING_PATHS } from './calico-node.ts';
import { createDefaults } from './defaults.ts';
import { reconcilePods } from './kubelet.ts';
import { watchLoop } from './watcher.ts';

/** Patience of `ready`, in ms: for a lab at all, and for each of its nodes. */
const PATIENCE = { lab: 60_000, node: 2_000 };

/** Starts what keeps a lab's cluster in order: nodes, pods and addresses in one loop, routing in another. */
export const startControllers: KubePart['startControllers'] = async ({ layout, machines, log, signal, ...options }) => {
  let spec: LabSpec = options.spec;
  /** Pods that do not run yet; nothing while that is not known. */
  let missing: readonly string[] | undefined;
  const client = connect({ socketPath: layout.apiSocket });
  const stopping = new AbortController();
  const until = { log, signal: AbortSignal.any([signal, stopping.signal]) };
  await createDefaults(client, spec);

  const podPass = async () => {
    missing = undefined;
    missing = await reconcilePods({ client, machines, log }, spec);
  };
  const pods = watchLoop(client, ['/api/v1/pods', '/api/v1/nodes'], podPass, until);
  // Every node that registers changes what all others are told: BIRDs are spoken to when the nodes are there.
  void pods.kick().then(() => watchLoop(client, ROUTING_PATHS, createRouting(client, layout, log), until));

  async function ready(): Promise<void> {
    const deadline = Date.now() + PATIENCE.lab + spec.nodes.length * PATIENCE.node;
    do {
      // A pass after this call: what it finds is not older than the question.
      await pods.kick();
      if (missing?.length === 0) return;
    } while (Date.now() < deadline && !until.signal.aborted);
    throw new CpaasError(
      'LAB.FAILED',
      `pods of the lab ${spec.name} do not run: ${missing?.join(', ') ?? 'unknown which'}`,
    );
  }

  return {
    update: async (changed) => {
      spec = changed;
      void pods.kick();
    },
    ready,
    stop: () => stopping.abort(),
  } satisfies Controllers;
};
