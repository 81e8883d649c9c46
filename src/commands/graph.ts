import { Option } from 'commander';
import { examples, type VerbModule } from '../cli/command.ts';
import { Facts } from '../core/facts.ts';
import { bgpSessions } from '../facts/bgp/bgp-sessions.ts';
import { vmNetwork } from '../facts/host/vm-network.ts';
import { openSession, type Session } from '../session/session.ts';
import type { GraphDocument } from '../ui/screens/graph.ts';
import { graphText } from '../ui/screens/graph.ts';
import { graphMermaid } from '../ui/screens/mermaid.ts';
import { nodeStatuses } from './status.ts';

export const define: VerbModule['define'] = (command, act) => {
  command.addOption(
    new Option('--format <format>', 'as a tree for people, or a Mermaid flowchart for a page')
      .choices(['tree', 'mermaid'])
      .default('tree'),
  );
  examples(command, [
    ['cpaas graph', 'routers, machine, nodes, blocks and sessions'],
    ['cpaas graph --format mermaid > topology.mmd', 'for a page or a merge request'],
  ]);
  act<{ readonly format: 'tree' | 'mermaid' }>(command, async ({ options, io }) => {
    const session = await openSession(options, io);
    try {
      const data = await graphOf(session);
      const draw = options.format === 'mermaid' ? graphMermaid : graphText;
      return { kind: 'Graph', data, text: (view) => draw(data, view), exit: 0 };
    } finally {
      await session.close();
    }
  });
};

async function graphOf({ name, blueprint, cluster, engine }: Session): Promise<GraphDocument> {
  if (!blueprint || !cluster) return { cluster: name, routers: [], nodes: [], sessions: [] };
  const facts = new Facts(engine.ctx);
  const { kube, routers, nodes, gateway } = blueprint;
  const [first] = routers;
  const network = { router: first?.address ?? '', nodes: cluster.spec.network.nodes };
  const between = gateway && first ? await facts.get(vmNetwork(gateway, network)) : undefined;
  const [statuses, sessions] = await Promise.all([
    nodeStatuses(blueprint, facts),
    facts.get(bgpSessions({ kube, routers, nodes })),
  ]);
  return {
    cluster: name,
    routers: routers.map(({ name: router, address, asNumber }) => ({ name: router, address, asNumber })),
    ...(gateway && between ? { gateway: { name: engine.ctx.host(gateway).name, address: between.gateway } } : {}),
    nodes: statuses,
    sessions,
  };
}
