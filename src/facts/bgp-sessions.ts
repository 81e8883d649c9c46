import type { SessionStatus } from '../core/documents.ts';
import { isUnreachable } from '../core/errors.ts';
import type { Fact, Facts } from '../core/facts.ts';
import { apiId, type KubeAccess } from '../kube/access.ts';
import type { BirdSession } from '../kube/bird-protocols.ts';
import { type BigipSession, bigipSessions } from './bigip-sessions.ts';
import { type JoinedNode, joinedNodes } from './joined-nodes.ts';
import { type NodeSessions, nodeSessions } from './node-sessions.ts';
import type { RouterTarget } from './router-target.ts';

const ESTABLISHED = 'Established';

/** Every session between a node and a router, as both ends see it. A router that cannot be reached has the state `unknown`. */
export const bgpSessions = (
  access: KubeAccess,
  routers: readonly RouterTarget[],
  names?: readonly string[],
): Fact<readonly SessionStatus[]> => ({
  name: `bgp sessions ${apiId(access)} ${routers.map(({ host }) => host).join(' ')}`,
  async read(_, facts) {
    const [nodes, atNodes, ...atRouters] = await Promise.all([
      facts.get(joinedNodes(access, names)),
      facts.get(nodeSessions(access)),
      ...routers.map((router) => atRouter(router, facts)),
    ]);
    return routers.flatMap((router, at) =>
      nodes.map((node) => session(node, router, atNodes, atRouters[at] ?? { sessions: [] })),
    );
  },
});

interface RouterSessions {
  readonly sessions: readonly BigipSession[];
  readonly unknown?: string;
}

async function atRouter(router: RouterTarget, facts: Facts): Promise<RouterSessions> {
  try {
    return { sessions: await facts.get(bigipSessions(router)) };
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    return { sessions: [], unknown: error.message };
  }
}

function session(
  { name, address }: JoinedNode,
  router: RouterTarget,
  atNodes: readonly NodeSessions[],
  there: RouterSessions,
): SessionStatus {
  const asked = atNodes.find(({ node }) => node === name);
  const mine = asked?.sessions.find(({ peer }) => peer === router.address);
  const theirs = there.sessions.find(({ neighbor }) => neighbor === address);
  const atNode = mine?.state ?? (asked?.unknown === undefined && asked ? 'absent' : 'unknown');
  const atRouter = theirs?.state ?? (there.unknown === undefined ? 'absent' : 'unknown');
  const agree = atNode === ESTABLISHED && atRouter === ESTABLISHED;
  const why = agree ? undefined : reason({ asked, mine, there, atNode, atRouter, router });
  return {
    node: name,
    nodeAddress: address,
    router: router.name,
    routerAddress: router.address,
    atNode: { state: atNode, ...(mine?.since === undefined ? {} : { since: mine.since }) },
    atRouter: {
      state: atRouter,
      ...(theirs?.uptime === undefined ? {} : { uptime: theirs.uptime }),
      ...(theirs?.prefixes === undefined ? {} : { prefixes: theirs.prefixes }),
    },
    agree,
    ...(why === undefined ? {} : { why }),
  };
}

/** Why a session is not up, as far as the two ends say. */
function reason({
  asked,
  mine,
  there,
  atNode,
  atRouter,
  router,
}: {
  readonly asked: NodeSessions | undefined;
  readonly mine: BirdSession | undefined;
  readonly there: RouterSessions;
  readonly atNode: string;
  readonly atRouter: string;
  readonly router: RouterTarget;
}): string {
  if (there.unknown !== undefined) return there.unknown;
  if (atNode === 'absent' && atRouter === 'absent') return 'configured at neither end';
  if (atNode === 'absent') return `the cluster has no BGPPeer for ${router.address}`;
  if (atRouter === 'absent') return `${router.name} has no such neighbor`;
  if (asked?.unknown !== undefined) return asked.unknown;
  return mine?.error ?? 'both ends try; nothing answers on tcp 179';
}
