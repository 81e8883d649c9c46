import { peersOf } from '../../config/defaults.ts';
import { isUnreachable } from '../../core/errors.ts';
import type { Facts } from '../../core/facts.ts';
import type { Gate } from '../../core/gate.ts';
import { bgpSessions } from '../../facts/bgp/bgp-sessions.ts';
import { type BigipRoutes, bigipRoutes } from '../../facts/bigip/routes.ts';
import { bigipSessions } from '../../facts/bigip/sessions.ts';
import { joinedNodes } from '../../facts/cluster/joined-nodes.ts';
import { nodeSessions } from '../../facts/cluster/node-sessions.ts';
import { type PodRoute, podRoutes } from '../../facts/cluster/pod-routes.ts';
import { familiesOf, type RouterTarget, sidesOf } from '../../facts/router-target.ts';
import { isPassing } from '../../kube/failure.ts';
import type { Joining } from './joining.ts';
import { leadsToOwner } from './way-to-owner.ts';

/**
 * An end whose first packets were dropped, as by a self-IP that is locked down still, connects anew after up to 120 s (RFC 4271, 10), a
 * BIRD that was refused after up to 30 s.
 */
const DEADLINE = 180_000;

/**
 * Both ends have what the other tells them: every pod block at every router by way of its owner, every session Established as both
 * ends see it. Routes are asked for first: a session is up before its routes are there. Routers that do not answer and nodes that are
 * down are not waited for. Where the nodes may not be asked it ends at once.
 */
export const routesLearned = (joining: Joining): Gate => whatIsLearned(async () => joining);

/** The same where what is to be joined follows from facts. */
export const whatIsLearned = (joining: (facts: Facts) => Promise<Joining>): Gate => ({
  title: 'sessions and routes',
  deadline: DEADLINE,
  next: [{ label: 'shows both ends of every session', command: 'cpaas bgp status' }],
  async missing(facts) {
    try {
      return await unlearned(await joining(facts), facts);
    } catch (error) {
      // an API server that starts again under the change of its network is one more thing to wait for
      if (isPassing(error)) return error.message;
      throw error;
    }
  },
  ahead: async (facts) => {
    const found = await joining(facts);
    const { kube, nodes, routers } = found;
    const blocks = routers.flatMap(sidesOf).map(({ family }) => facts.get(podRoutes(kube, nodes, family)));
    const sessions = facts.get(bgpSessions({ kube, routers, nodes }));
    return Promise.all([...tablesOf(routers, facts), ...blocks, sessions, downOf(found, facts)]);
  },
  leftOut: async (facts) => downOf(await joining(facts), facts),
});

const tablesOf = (routers: readonly RouterTarget[], facts: Facts): readonly Promise<unknown>[] =>
  routers.flatMap(sidesOf).flatMap((side) => [facts.get(bigipRoutes(side)), facts.get(bigipSessions(side))]);

const downOf = async ({ down }: Joining, facts: Facts): Promise<readonly string[]> => (down ? facts.get(down) : []);

async function unlearned(joining: Joining, facts: Facts): Promise<string | undefined> {
  const { kube, nodes } = joining;
  const sides = joining.routers.flatMap(sidesOf);
  // what a router does not tell is told where it is needed
  const tables = Promise.allSettled(tablesOf(joining.routers, facts));
  const answers = await Promise.all(
    sides.map(async (side) => {
      const { family } = side;
      const routes = await facts.get(podRoutes(kube, nodes, family)).finally(() => tables);
      const joined = await facts.get(joinedNodes(kube, nodes, family));
      const down = await downOf(joining, facts);
      const owners = {
        routes: routes.filter(({ node, withheld }) => !withheld && !down.includes(node)),
        addresses: new Set(joined.map(({ address }) => address)),
      };
      return atRouter(side, owners, joining, facts);
    }),
  );
  return answers.find((missing) => missing !== undefined) ?? sessions(joining, facts);
}

/** The pod blocks with their owners, and where nodes are. */
interface Owners {
  readonly routes: readonly PodRoute[];
  readonly addresses: ReadonlySet<string>;
}

async function atRouter(
  router: RouterTarget,
  owners: Owners,
  joining: Joining,
  facts: Facts,
): Promise<string | undefined> {
  try {
    return learned(router, owners, await facts.get(bigipRoutes(router))) ?? (await pair(router, joining, facts));
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    throw error;
  }
}

function learned({ name }: RouterTarget, { routes, addresses }: Owners, table: BigipRoutes): string | undefined {
  const learned = new Map(table.learned.map(({ prefix, paths }) => [prefix, paths]));
  const isNode = (address: string): boolean => addresses.has(address);
  const missing = routes.filter(({ prefix, via }) => !leadsToOwner(via, learned.get(prefix) ?? [], isNode));
  const [first] = missing;
  if (!first) return undefined;
  return `${name} has ${routes.length - missing.length} of ${routes.length} pod blocks; ${first.prefix} via ${first.via} is missing`;
}

/** The sessions between routers, which no node sees. */
async function pair(router: RouterTarget, { cluster }: Joining, facts: Facts): Promise<string | undefined> {
  const entry = cluster.spec.routers.find(({ address }) => address === router.address);
  const peers = entry ? peersOf(cluster, entry) : [];
  if (peers.length === 0) return undefined;
  const sessions = await facts.get(bigipSessions(router));
  const down = peers.find(
    ({ address }) => sessions.find(({ neighbor }) => neighbor === address)?.state !== 'Established',
  );
  return down && `${router.name} has no session with ${down.name} (${down.address}) yet`;
}

async function sessions(joining: Joining, facts: Facts): Promise<string | undefined> {
  const { kube, routers, nodes } = joining;
  const absent = await downOf(joining, facts);
  const all = (await facts.get(bgpSessions({ kube, routers, nodes }))).filter(
    ({ node, atRouter }) => atRouter.state !== 'unknown' && !absent.includes(node),
  );
  const down = all.filter(({ agree }) => !agree);
  const [first] = down;
  if (!first) return undefined;
  await withNodesAsked(joining, new Set(down.map(({ node }) => node)), facts);
  const { node, router, atNode, atRouter: there } = first;
  const up = all.length - down.length;
  return `${up} of ${all.length} sessions Established; ${node} says ${atNode.state}, ${router} says ${there.state}`;
}

/** Rejects with `KUBE.FORBIDDEN` where what these nodes would say may not be asked: nobody is granted a right by waiting. */
async function withNodesAsked({ kube, routers }: Joining, names: ReadonlySet<string>, facts: Facts): Promise<void> {
  const said = await Promise.all(familiesOf(routers).map((family) => facts.get(nodeSessions(kube, family))));
  const refused = said.flat().find(({ node, forbidden }) => forbidden && names.has(node));
  if (refused?.forbidden) throw refused.forbidden;
}
