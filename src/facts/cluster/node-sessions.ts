import limit from 'p-limit';
import { z } from 'zod';
import type { Reader } from '../../core/context.ts';
import { CpaasError } from '../../core/errors.ts';
import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { type BirdSession, parseProtocols } from '../../kube/bird-protocols.ts';
import { askKubectl, type KubeObject } from '../../kube/kubectl.ts';
import type { Family } from '../router-target.ts';
import { lostNodes } from './nodes.ts';
import { calicoNodeObjects } from './objects.ts';

/** What BIRD on one node says of its sessions. */
export interface NodeSessions {
  readonly node: string;
  readonly sessions: readonly BirdSession[];
  /** Why nothing is known of this node's sessions. */
  readonly unknown?: string;
  /** The right that is missing, where that is why. */
  readonly forbidden?: CpaasError;
}

/** How many nodes are asked at once: each is a kubectl and a process in a pod. */
const AT_ONCE = 8;

const Pod = z.object({
  spec: z.object({ nodeName: z.string() }),
  status: z.object({ phase: z.string().optional() }).optional(),
});

/** The BGP sessions at the nodes' end, by node. A node that cannot be asked says why; it does not fail the others. */
export const nodeSessions = (access: KubeAccess, family: Family = 4): Fact<readonly NodeSessions[]> => ({
  name: `node-sessions ${apiId(access)} IPv${family}`,
  async read(ctx, facts) {
    const [pods, lost] = await Promise.all([facts.get(calicoNodeObjects(access)), facts.get(lostNodes(access))]);
    const agents = pods.filter(isPlaced);
    const slot = limit(AT_ONCE);
    const answers = await Promise.all(agents.map((pod) => slot(() => ask(ctx, access, pod, lost, CLIENTS[family]))));
    return answers.toSorted((a, b) => (a.node < b.node ? -1 : 1));
  },
});

const isPlaced = (object: KubeObject): boolean => Pod.safeParse(object).success;

/** Calico runs a BIRD for each family. */
const CLIENTS = { 4: ['birdcl'], 6: ['birdcl6'] } as const;

/** What birdcl says where nobody listens. */
const NO_BIRD = /^Unable to connect to server control socket/m;

/** Failures that leave one node unknown. Without the right to look into pods that is each of them; the routers can still be told of. */
const OF_ONE_NODE = new Set<string>(['KUBE.REFUSED', 'KUBE.FORBIDDEN', 'HOST.TIMEOUT', 'HOST.COMMAND']);

async function ask(
  ctx: Reader,
  access: KubeAccess,
  { metadata, ...object }: KubeObject,
  lost: readonly string[],
  client: readonly string[],
): Promise<NodeSessions> {
  const { spec, status } = Pod.parse(object);
  const node = spec.nodeName;
  const unknown = (why: string): NodeSessions => ({ node, sessions: [], unknown: why });
  if (status?.phase !== 'Running') return unknown(`its calico-node is ${status?.phase ?? 'not started'}`);
  // the API would try it for half a minute
  if (lost.includes(node)) return unknown('its kubelet is silent: the node is down, or cut off');
  const bird = ['--', ...client, 'show', 'protocols', 'all'];
  const pod = ['exec', '--namespace', metadata.namespace ?? 'kube-system', metadata.name, '-c', 'calico-node'];
  try {
    const sessions = parseProtocols(await askKubectl(ctx, access, ...pod, ...bird));
    return sessions ? { node, sessions } : unknown('BIRD answers in words that cpaas does not know');
  } catch (error) {
    // An API that does not answer is everybody's trouble, one node that does not is its own.
    if (!(error instanceof CpaasError) || !OF_ONE_NODE.has(error.code)) throw error;
    const hasNoBird = error.evidence.some(({ text }) => NO_BIRD.test(text));
    if (hasNoBird) return unknown('no BIRD runs there: its Calico may work without BGP');
    return { ...unknown(error.message), ...(error.code === 'KUBE.FORBIDDEN' ? { forbidden: error } : {}) };
  }
}
