import { type Answer, examples, type VerbModule } from '../../cli/command.ts';
import { podNetworks } from '../../config/defaults.ts';
import { Facts } from '../../core/facts.ts';
import { type BlocksQuestion, learnedBlocks } from '../../facts/bgp/learned-blocks.ts';
import { unitsOf } from '../../session/routers-of.ts';
import { openSession, type Session } from '../../session/session.ts';
import { bgpRoutesText } from '../../ui/screens/bgp-routes.ts';
import { type AdhocOptions, adhocOf, declareAdhoc, suggestingFlags } from './adhoc.ts';

const WITHOUT_FILE = 'cpaas bgp routes --router ssh://root@10.1.20.11 --from-kubeconfig ~/.kube/config';

export const define: VerbModule['define'] = (command, act) => {
  declareAdhoc(command, ['kubeconfig', 'unit']);
  examples(command, [
    ['cpaas bgp routes', 'exit 5 when a block is missing, stale, or leads elsewhere'],
    ['cpaas bgp routes -o json', 'for a program: every path, and through what it resolves'],
    [WITHOUT_FILE, 'without a cluster file'],
  ]);
  act<AdhocOptions>(command, async (call): Promise<Answer> => {
    const adhoc = await adhocOf(call, { verb: 'routes' });
    const session = await suggestingFlags(openSession(call.options, call.io, { adhoc }), WITHOUT_FILE);
    try {
      const facts = new Facts(session.engine.ctx);
      const data = { blocks: await facts.get(learnedBlocks(await questionOf(session, facts))) };
      const text: Answer['text'] = (view) => bgpRoutesText(data, view);
      return { kind: 'BgpRoutes', data, text, exit: data.blocks.some(({ trouble }) => trouble) ? 5 : 0 };
    } finally {
      await session.close();
    }
  });
};

async function questionOf({ blueprint, cluster, adhoc }: Session, facts: Facts): Promise<BlocksQuestion> {
  if (adhoc) return { routers: await unitsOf(adhoc, facts, 'routers'), kube: adhoc.kube, anyIpv6: true };
  if (!blueprint || !cluster) return { routers: [] };
  return { ...blueprint, pods: podNetworks(cluster.spec.network) };
}
