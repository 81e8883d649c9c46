import { CpaasError, isUnreachable } from '../../core/errors.ts';
import type { Facts } from '../../core/facts.ts';
import type { KubeAccess } from '../../kube/access.ts';
import { type BigipSession, bigipSessions } from '../bigip/sessions.ts';
import { type JoinedNode, joinedNodes } from '../cluster/joined-nodes.ts';
import { type NodeSessions, nodeSessions } from '../cluster/node-sessions.ts';
import type { Family, RouterPlace, RouterSide } from '../router-target.ts';

/** A router whose sessions are asked for. */
export interface AskedRouter extends RouterPlace {
  /** Addresses of other routers that it peers with, too. */
  readonly peers?: readonly string[];
  /** Why it cannot be asked, where that is known. */
  readonly failure?: CpaasError;
}

export type AskedSide = AskedRouter & RouterSide;

/** What one router says of all its sessions over one protocol. */
export interface RouterEnd {
  readonly router: AskedSide;
  /** By the neighbor's address. */
  readonly sessions: ReadonlyMap<string, BigipSession>;
  readonly unknown?: string;
}

/** `any`: whether its sessions over the other protocol are meant, too. */
export async function routerEnd(router: AskedSide, any: boolean, facts: Facts): Promise<RouterEnd> {
  try {
    if (router.failure) throw router.failure;
    const sessions = await facts.get(bigipSessions(any ? { ...router, family: 'any' } : router));
    return { router, sessions: new Map(sessions.map((each) => [each.neighbor, each])) };
  } catch (error) {
    if (error !== router.failure && !isUnreachable(error)) throw error;
    return { router, sessions: new Map(), unknown: error instanceof CpaasError ? error.message : `${error}` };
  }
}

/** What the nodes of a cluster say of their sessions. */
export interface NodeEnds {
  /** By address. */
  readonly nodes: ReadonlyMap<string, JoinedNode>;
  /** By name. */
  readonly said: ReadonlyMap<string, NodeSessions>;
}

export async function nodeEnds(
  kube: KubeAccess,
  names: readonly string[] | undefined,
  family: Family,
  facts: Facts,
): Promise<NodeEnds> {
  const [nodes, said] = await Promise.all([
    facts.get(joinedNodes(kube, names, family)),
    facts.get(nodeSessions(kube, family)),
  ]);
  return {
    nodes: new Map(nodes.map((each) => [each.address, each])),
    said: new Map(said.map((each) => [each.node, each])),
  };
}

/** The other end of a router's session, and what is known of it. */
export interface FarEnd {
  readonly name: string;
  readonly address: string;
  readonly kind: 'node' | 'router' | 'address';
  readonly state: string;
  readonly since?: string;
  readonly unknown?: string;
  readonly bird?: NodeSessions['sessions'][number];
  readonly asNumber?: number;
}

export function farEnd(
  address: string,
  { router }: RouterEnd,
  ends: readonly RouterEnd[],
  cluster: NodeEnds | undefined,
): FarEnd {
  const node = cluster?.nodes.get(address);
  if (node) return nodeEnd(node, router, cluster?.said.get(node.name));
  const other = ends.find((end) => end.router.address === address);
  if (!other) return { name: address, address, kind: 'address', state: 'unknown' };
  const theirs = other.sessions.get(router.address);
  const state = theirs?.state ?? (other.unknown === undefined ? 'absent' : 'unknown');
  return {
    name: other.router.name,
    address,
    kind: 'router',
    state,
    ...(other.unknown === undefined ? {} : { unknown: other.unknown }),
  };
}

function nodeEnd(
  { name, address, asNumber }: JoinedNode,
  router: RouterPlace,
  asked: NodeSessions | undefined,
): FarEnd {
  const bird = asked?.sessions.find(({ peer }) => peer === router.address);
  const unknown = asked ? asked.unknown : `no calico-node runs on ${name}`;
  return {
    ...{ name, address, kind: 'node' as const },
    state: bird?.state ?? (unknown === undefined ? 'absent' : 'unknown'),
    ...(bird?.since === undefined ? {} : { since: bird.since }),
    ...(unknown === undefined ? {} : { unknown }),
    ...(bird ? { bird } : {}),
    ...(asNumber === undefined ? {} : { asNumber }),
  };
}
