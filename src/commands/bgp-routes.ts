import { Facts } from '../core/facts.ts';
import { learnedBlocks } from '../facts/learned-blocks.ts';
import { bgpRoutesText } from '../ui/bgp-routes.ts';
import { type Answer, examples, type VerbModule } from './command.ts';
import { openSession } from './session.ts';

export const define: VerbModule['define'] = (command, act) => {
  examples(command, [
    ['cpaas bgp routes', 'exit 5 when a block is missing, stale, or leads elsewhere'],
    ['cpaas bgp routes -o json', 'for a program'],
  ]);
  act(command, async ({ options, io }): Promise<Answer> => {
    const session = await openSession(options, io);
    try {
      const { blueprint, cluster, engine } = session;
      if (!blueprint || !cluster) throw new Error('a cluster file was asked for');
      const { kube, routers, nodes } = blueprint;
      const fact = learnedBlocks(kube, routers, cluster.spec.network.pods, nodes);
      const data = { blocks: await new Facts(engine.ctx).get(fact) };
      const text: Answer['text'] = (view) => bgpRoutesText(data, view);
      return { kind: 'BgpRoutes', data, text, exit: data.blocks.some(({ trouble }) => trouble) ? 5 : 0 };
    } finally {
      await session.close();
    }
  });
};
