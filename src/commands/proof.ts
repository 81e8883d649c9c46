import { Facts } from '../core/facts.ts';
import { bgpSessions } from '../facts/bgp-sessions.ts';
import { podRoutes } from '../facts/pod-routes.ts';
import { count } from '../ui/words.ts';
import type { Session } from './session.ts';

/**
 * What holds at the end of a run, asked anew: `4 sessions Established at both ends`. Nothing where that cannot be asked now: the run
 * has gone well all the same, every change of it was read back.
 */
export const proofOf = (session: Session): Promise<readonly string[]> => proof(session).catch(() => []);

async function proof({ blueprint, engine }: Session): Promise<readonly string[]> {
  if (!blueprint) return [];
  const { kube, routers, nodes, gateway } = blueprint;
  if (routers.length === 0) return [];
  const facts = new Facts(engine.ctx);
  const [sessions, routes] = await Promise.all([
    facts.get(bgpSessions(kube, routers, nodes)),
    facts.get(podRoutes(kube, nodes)),
  ]);
  const up = sessions.filter(({ agree }) => agree).length;
  return [
    `${count(up, 'session')} Established at both ends`,
    `${count(routes.length, 'pod block')} at ${routers.map(({ name }) => name).join(' and ')}`,
    ...(gateway ? [`${count(routes.length, 'host route')}`] : []),
  ];
}
