import { Facts } from '../../core/facts.ts';
import { bgpSessions } from '../../facts/bgp/bgp-sessions.ts';
import { bigipSessions } from '../../facts/bigip/sessions.ts';
import { podRoutes } from '../../facts/cluster/pod-routes.ts';
import { familiesOf } from '../../facts/router-target.ts';
import { sessionSummary } from '../../ui/screens/bgp-status.ts';
import { and, count } from '../../ui/text/words.ts';
import { routersOf } from '../routers-of.ts';
import type { Session } from '../session.ts';

/**
 * What holds at the end of a run, asked anew: `4 sessions Established at both ends`. Nothing where that cannot be asked now: the run
 * has gone well all the same, every change of it was read back.
 */
export const proofOf = (session: Session): Promise<readonly string[]> => proof(session).catch(() => []);

async function proof({ blueprint, adhoc, engine }: Session): Promise<readonly string[]> {
  const facts = new Facts(engine.ctx);
  const { kube, nodes, gateway } = blueprint ?? { ...adhoc, nodes: undefined, gateway: undefined };
  const routers = await routersOf({ blueprint, adhoc }, facts);
  if (!kube || routers.length === 0) return [];
  const [sessions, routes, ...more] = await Promise.all([
    facts.get(bgpSessions({ kube, routers, nodes })),
    ...familiesOf(routers).map((family) => facts.get(podRoutes(kube, nodes, family))),
  ]);
  if (!routes) return [];
  const blocks = [routes, ...more].flat().filter(({ withheld }) => !withheld);
  return [
    sessionSummary(sessions),
    `${count(blocks.length, 'pod block')} at ${routers.map(({ name }) => name).join(' and ')}`,
    ...(gateway ? [`${count(routes.length, 'host route')}`] : []),
  ];
}

/** The same of routers alone, where nobody has made the other end: `4 neighbors at bigip1 and bigip2, 2 of them Established`. */
export const proofAtRouters = (session: Session): Promise<readonly string[]> => atRouters(session).catch(() => []);

async function atRouters(session: Session): Promise<readonly string[]> {
  const facts = new Facts(session.engine.ctx);
  const routers = await routersOf(session, facts);
  const tables = await Promise.all(routers.map((router) => facts.get(bigipSessions({ ...router, family: 'any' }))));
  const sessions = tables.flat();
  const up = sessions.filter(({ state }) => state === 'Established').length;
  return [
    `${count(sessions.length, 'neighbor')} at ${and(routers.map(({ name }) => name))}`,
    `${up} Established so far`,
  ];
}
