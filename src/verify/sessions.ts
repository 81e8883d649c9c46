import { peersOf } from '../config/defaults.ts';
import type { Check } from '../core/documents.ts';
import { isUnreachable } from '../core/errors.ts';
import { bgpSessions } from '../facts/bgp/bgp-sessions.ts';
import { type BigipSession, bigipSessions } from '../facts/bigip/sessions.ts';
import { check, type Subject, timed } from './subject.ts';

/** Every session of a node with a router, and of routers with each other. */
export async function sessionChecks(subject: Subject): Promise<readonly Check[]> {
  const { kube, routers, nodes, facts } = subject;
  const [sessions, seconds] = await timed(() => facts.get(bgpSessions({ kube, routers, nodes })));
  const each = sessions.map(({ router, node, agree, atNode, atRouter, why }) => {
    const detail = agree
      ? `up for ${atRouter.uptime ?? 'a while'}`
      : `node: ${atNode.state}, router: ${atRouter.state}; ${why}`;
    const title = 'session is Established at both ends';
    return check(['session', router, node], title, agree ? 'pass' : 'fail', detail, seconds / sessions.length);
  });
  return [...each, ...(await pairChecks(subject))];
}

async function pairChecks({ cluster, routers, facts }: Subject): Promise<readonly Check[]> {
  const title = 'session between routers is Established';
  const all = routers.map(async (router) => {
    const entry = cluster.spec.routers.find(({ address }) => address === router.address);
    const peers = entry ? peersOf(cluster, entry) : [];
    if (peers.length === 0) return [];
    const sessions = await facts.get(bigipSessions(router)).catch((error: unknown): readonly BigipSession[] => {
      if (isUnreachable(error)) return [];
      throw error;
    });
    return peers.map(({ name, address }) => {
      const state = sessions.find(({ neighbor }) => neighbor === address)?.state ?? 'absent';
      return check(['session', router.name, name], title, state === 'Established' ? 'pass' : 'fail', state);
    });
  });
  return (await Promise.all(all)).flat();
}
