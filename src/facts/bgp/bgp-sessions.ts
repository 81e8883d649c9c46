import type { SessionStatus } from '../../core/bgp-documents.ts';
import { CpaasError } from '../../core/errors.ts';
import type { Fact, Facts } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { isIpv6 } from '../../net/cidr.ts';
import { bigipNeighbors } from '../bigip/neighbors.ts';
import { clusterBgp } from '../cluster/bgp.ts';
import { type JoinedNode, joinedNodes } from '../cluster/joined-nodes.ts';
import { familiesOf, type RouterPlace, sidesOf } from '../router-target.ts';
import {
  type AskedRouter,
  type FarEnd,
  farEnd,
  type NodeEnds,
  nodeEnds,
  type RouterEnd,
  routerEnd,
} from './session-ends.ts';
import { reasonOf } from './session-reason.ts';

const ESTABLISHED = 'Established';

export interface SessionsQuestion {
  readonly routers: readonly AskedRouter[];
  /** The way to the nodes' ends; without it the routers alone are asked. */
  readonly kube?: KubeAccess | undefined;
  /** Names of the nodes that the question is about; all of the cluster's when left out. */
  readonly nodes?: readonly string[] | undefined;
  /** Without a cluster: the neighbors that the question is about; all that the routers have when left out. */
  readonly addresses?: readonly string[] | undefined;
  /** With a cluster: whether sessions that the routers have with each other are told, too. */
  readonly pairs?: boolean;
  /**
   * Whether sessions over IPv6 are told that routers have without an address of theirs being known for it: with a cluster those with
   * its nodes, otherwise all.
   */
  readonly anyIpv6?: boolean;
}

/**
 * Every session of some routers, as both ends see it; as the router sees it where nobody knows the way to the other end. A session
 * between two of the routers is told once. An end that cannot be reached has the state `unknown`.
 */
export const bgpSessions = (question: SessionsQuestion): Fact<readonly SessionStatus[]> => ({
  name: `bgp sessions ${nameOf(question)}`,
  async read(_, facts) {
    const { routers, kube, nodes, anyIpv6 } = question;
    const families = familiesOf(routers);
    const [clusters, ends] = await Promise.all([
      kube ? Promise.all(families.map((family) => nodeEnds(kube, nodes, family, facts))) : [],
      Promise.all(routers.flatMap(sidesOf).map((router) => routerEnd(router, isAny(router, question), facts))),
    ]);
    const ipv6Nodes = kube && anyIpv6 ? ipv6Names(await facts.get(joinedNodes(kube, nodes))) : NONE;
    const clusterOf = ({ router }: RouterEnd): NodeEnds | undefined => clusters[families.indexOf(router.family)];
    const asked = ends.map((end) => ({ end, others: othersOf(end, question, clusterOf(end), ipv6Nodes) }));
    const sessions = asked.flatMap(({ end, others }) =>
      others
        .map((address) => named(farEnd(address, end, ends, clusterOf(end)), ipv6Nodes))
        .filter((far) => !isTold(far, end, asked))
        .map((far) => session(far, end, kube, facts)),
    );
    return Promise.all(sessions);
  },
});

/** Names of nodes by the addresses that they speak BGP from over IPv6. */
type Ipv6Nodes = ReadonlyMap<string, string>;
const NONE: Ipv6Nodes = new Map();

const ipv6Names = (nodes: readonly JoinedNode[]): Ipv6Nodes =>
  new Map(nodes.flatMap(({ six, name }) => (six === undefined ? [] : [[six, name] as const])));

const named = (far: FarEnd, ipv6Nodes: Ipv6Nodes): FarEnd =>
  far.kind === 'address' ? { ...far, name: ipv6Nodes.get(far.address) ?? far.name } : far;

/** Whether a router is asked for its sessions over both protocols at once: nobody has said from where it speaks IPv6. */
const isAny = ({ ipv6Address }: RouterPlace, { addresses, anyIpv6 = false }: SessionsQuestion): boolean =>
  ipv6Address === undefined && (addresses?.some(isIpv6) ?? anyIpv6);

const nameOf = ({ routers, kube, nodes, addresses, pairs, anyIpv6 }: SessionsQuestion): string =>
  JSON.stringify([
    kube ? apiId(kube) : null,
    nodes,
    addresses,
    pairs,
    anyIpv6,
    routers.map(({ host, routeDomain, peers, ipv6Address }) => [host, routeDomain, peers, ipv6Address]),
  ]);

/** Addresses of whom a router should have a session with. One that cannot be asked and is known to have none gets a row all the same. */
function othersOf(
  { router, sessions, unknown }: RouterEnd,
  { routers, addresses, pairs: told = false }: SessionsQuestion,
  cluster: NodeEnds | undefined,
  ipv6Nodes: Ipv6Nodes,
): readonly string[] {
  const six = [...ipv6Nodes.keys()].filter((address) => sessions.has(address));
  const pairs = told ? routers.map(({ address }) => address).filter((address) => sessions.has(address)) : [];
  const all = cluster
    ? [...cluster.nodes.keys(), ...(router.family === 4 ? (router.peers ?? []) : []), ...six, ...pairs]
    : (addresses ?? (unknown === undefined ? [...sessions.keys()] : ['']));
  return [...new Set(all)].filter((address) => address !== router.address);
}

/** Whether the router at the other end has told of this session before. */
function isTold(
  { kind, address }: FarEnd,
  { router }: RouterEnd,
  asked: readonly { readonly end: RouterEnd; readonly others: readonly string[] }[],
): boolean {
  if (kind !== 'router') return false;
  const mine = asked.findIndex(({ end }) => end.router === router);
  const theirs = asked.findIndex(({ end }) => end.router.address === address);
  return theirs < mine && (asked[theirs]?.others.includes(router.address) ?? false);
}

async function session(
  far: FarEnd,
  end: RouterEnd,
  kube: KubeAccess | undefined,
  facts: Facts,
): Promise<SessionStatus> {
  const { router, sessions } = end;
  const theirs = sessions.get(far.address);
  const atRouter = theirs?.state ?? (end.unknown === undefined ? 'absent' : 'unknown');
  const agree = far.state === ESTABLISHED && atRouter === ESTABLISHED;
  // where nobody can ask the other end, the router's word has to do
  const up = agree || (far.kind === 'address' && atRouter === ESTABLISHED);
  const why = up ? undefined : await reason(far, end, atRouter, kube, facts);
  return {
    node: far.name,
    nodeAddress: far.address,
    router: router.name,
    routerAddress: router.address,
    atNode: { state: far.state, ...(far.since === undefined ? {} : { since: far.since }) },
    atRouter: {
      state: atRouter,
      ...(theirs?.uptime === undefined ? {} : { uptime: theirs.uptime }),
      ...(theirs?.prefixes === undefined ? {} : { prefixes: theirs.prefixes }),
    },
    ...{ agree, up },
    ...(why === undefined ? {} : { why }),
  };
}

/** More is asked of both ends only where a session is down. */
async function reason(
  { name, address, kind, state: atFar, unknown, bird, asNumber }: FarEnd,
  { router, unknown: routerUnknown }: RouterEnd,
  atRouter: string,
  kube: KubeAccess | undefined,
  facts: Facts,
): Promise<string> {
  const [neighbors, bgp] = await Promise.all([
    routerUnknown === undefined ? facts.get(bigipNeighbors(router)) : undefined,
    kube && kind === 'node' && asNumber === undefined ? facts.get(clusterBgp(kube)).catch(unanswered) : undefined,
  ]);
  const neighbor = neighbors?.get(address);
  const farAs = bird?.localAs ?? asNumber ?? bgp?.asNumber;
  return reasonOf({
    ...{ router, far: { name, address, kind }, atRouter, atFar },
    ...(routerUnknown === undefined ? {} : { routerUnknown }),
    ...(unknown === undefined ? {} : { farUnknown: unknown }),
    ...(neighbor ? { neighbor } : {}),
    ...(bird ? { bird } : {}),
    ...(farAs === undefined ? {} : { farAs }),
  });
}

/** What the cluster's AS is may be withheld from this user: then less can be said. */
function unanswered(error: unknown): undefined {
  if (!(error instanceof CpaasError)) throw error;
  return undefined;
}
