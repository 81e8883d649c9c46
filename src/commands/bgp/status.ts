import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, type Call, examples, type VerbModule } from '../../cli/command.ts';
import { watching } from '../../cli/watching.ts';
import { peersOf } from '../../config/defaults.ts';
import type { BgpStatusDocument } from '../../core/bgp-documents.ts';
import { Facts } from '../../core/facts.ts';
import { bgpSessions, type SessionsQuestion } from '../../facts/bgp/bgp-sessions.ts';
import { unitsOf } from '../../session/routers-of.ts';
import { openSession, type Session } from '../../session/session.ts';
import { bgpStatusText } from '../../ui/screens/bgp-status.ts';
import { type AdhocOptions, adhocOf, declareAdhoc, suggestingFlags } from './adhoc.ts';

interface Options extends AdhocOptions {
  readonly wait?: boolean;
  readonly watch?: boolean;
}

const WITHOUT_FILE = 'cpaas bgp status --router ssh://root@10.1.20.11';

export const define: VerbModule['define'] = (command, act) => {
  declareAdhoc(command, ['neighbors', 'kubeconfig', 'unit']);
  command.option('--wait', 'until all are Established, or --timeout (60 s)').option('--watch', 'again every 2 seconds');
  examples(command, [
    ['cpaas bgp status', 'every session, from both ends'],
    ['cpaas bgp status --wait --timeout 30', 'in a script: exit 5 when one is down by then'],
    [WITHOUT_FILE, 'all neighbors of a unit, without a file; what nodes say stays unknown'],
    [`${WITHOUT_FILE} --from-kubeconfig ~/.kube/config`, 'with what the nodes of that cluster say'],
  ]);
  act<Options>(command, async (call) => {
    const adhoc = await adhocOf(call, { verb: 'status' });
    const session = await suggestingFlags(openSession(call.options, call.io, { adhoc }), WITHOUT_FILE);
    try {
      if (call.options.watch) return await watching(call, () => bgpStatus(session), 'BgpStatus', bgpStatusText);
      return answer(await settled(session, call));
    } finally {
      await session.close();
    }
  });
};

/** Every session from both ends, as it is now. */
async function bgpStatus(session: Session): Promise<BgpStatusDocument> {
  const facts = new Facts(session.engine.ctx);
  return { sessions: await facts.get(bgpSessions(await questionOf(session, facts))) };
}

/** The sessions of the file, those between its routers included; or those of the flags. */
async function questionOf({ blueprint, cluster, adhoc }: Session, facts: Facts): Promise<SessionsQuestion> {
  if (adhoc) {
    return { ...adhoc, routers: await unitsOf(adhoc, facts, 'both'), pairs: true, anyIpv6: true };
  }
  if (!blueprint || !cluster) return { routers: [] };
  const routers = blueprint.routers.map((router) => {
    const entry = cluster.spec.routers.find(({ address }) => address === router.address);
    return { ...router, peers: entry ? peersOf(cluster, entry).map(({ address }) => address) : [] };
  });
  return { ...blueprint, routers, pairs: true };
}

const isUp = ({ sessions }: BgpStatusDocument): boolean => sessions.every(({ up }) => up);

async function settled(session: Session, { options, io }: Call<Options>): Promise<BgpStatusDocument> {
  const end = Date.now() + (options.timeout ?? 60) * 1000;
  let document = await bgpStatus(session);
  while (options.wait && !isUp(document) && Date.now() < end) {
    await pause(500, undefined, { signal: io.interrupted });
    document = await bgpStatus(session);
  }
  return document;
}

const answer = (document: BgpStatusDocument): Answer => ({
  kind: 'BgpStatus',
  data: document,
  text: (view) => bgpStatusText(document, view),
  exit: isUp(document) ? 0 : 5,
});
