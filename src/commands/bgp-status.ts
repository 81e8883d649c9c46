import { setTimeout as pause } from 'node:timers/promises';
import type { BgpStatusDocument } from '../core/documents.ts';
import { Facts } from '../core/facts.ts';
import { bgpSessions } from '../facts/bgp-sessions.ts';
import { bgpStatusText } from '../ui/bgp-status.ts';
import { type Answer, type Call, examples, type VerbModule } from './command.ts';
import { openSession, type Session } from './session.ts';
import { watching } from './watching.ts';

interface Options {
  readonly wait?: boolean;
  readonly watch?: boolean;
}

export const define: VerbModule['define'] = (command, act) => {
  command.option('--wait', 'until all are Established, or --timeout (60 s)').option('--watch', 'again every 2 seconds');
  examples(command, [
    ['cpaas bgp status', 'every session, from both ends'],
    ['cpaas bgp status --wait --timeout 30', 'in a script'],
  ]);
  act<Options>(command, async (call) => {
    const session = await openSession(call.options, call.io);
    try {
      if (call.options.watch) return await watching(call, () => bgpStatus(session), 'BgpStatus', bgpStatusText);
      return answer(await settled(session, call));
    } finally {
      await session.close();
    }
  });
};

/** Every session from both ends, as it is now. */
async function bgpStatus({ blueprint, engine }: Session): Promise<BgpStatusDocument> {
  if (!blueprint) return { sessions: [] };
  const { kube, routers, nodes } = blueprint;
  return { sessions: await new Facts(engine.ctx).get(bgpSessions(kube, routers, nodes)) };
}

const isUp = ({ sessions }: BgpStatusDocument): boolean => sessions.every(({ agree }) => agree);

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
