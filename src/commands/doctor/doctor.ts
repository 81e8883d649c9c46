import { type Answer, examples, type VerbModule } from '../../cli/command.ts';
import { podNetworks } from '../../config/defaults.ts';
import type { DoctorDocument } from '../../core/documents.ts';
import { CpaasError } from '../../core/errors.ts';
import { Facts } from '../../core/facts.ts';
import { troublesOf } from '../../engine/conflicts.ts';
import { everything } from '../../engine/only.ts';
import { planDocument } from '../../engine/plan-document.ts';
import { survey } from '../../engine/survey.ts';
import { bgpSessions } from '../../facts/bgp/bgp-sessions.ts';
import { learnedBlocks } from '../../facts/bgp/learned-blocks.ts';
import { joinedNodes, leftOutNodes } from '../../facts/cluster/joined-nodes.ts';
import { openSession, type Session } from '../../session/session.ts';
import { doctorText } from '../../ui/screens/doctor.ts';
import { diagnose } from './diagnosis.ts';

export const define: VerbModule['define'] = (command, act) => {
  examples(command, [
    ['cpaas doctor', 'what is wrong, how that shows, and what to do; exit 5 when something is'],
    ['cpaas doctor -o json', 'for a program'],
  ]);
  act(command, async ({ options, io }): Promise<Answer> => {
    const session = await openSession(options, io);
    try {
      const data = await examined(session);
      return {
        kind: 'DoctorReport',
        data,
        text: (view) => doctorText(data, view),
        exit: data.findings.length > 0 ? 5 : 0,
      };
    } finally {
      await session.close();
    }
  });
};

/** Looks at everything that a plan and the sessions show; changes nothing. */
async function examined({ name, plan, engine, blueprint, cluster }: Session): Promise<DoctorDocument> {
  if (!blueprint || !cluster) throw new Error('a cluster file was asked for');
  const facts = new Facts(engine.ctx);
  const found = await survey(plan, engine, facts, { leftovers: true });
  const document = planDocument(name, found, engine);
  const troubles: unknown[] = [...troublesOf(found, everything)];
  const { kube, routers, nodes } = blueprint;
  const { network } = cluster.spec;
  const known = <T>(look: Promise<readonly T[]>): Promise<readonly T[]> =>
    look.catch((error: unknown) => {
      if (!(error instanceof CpaasError)) throw error;
      const { code } = error;
      const told = troubles.some((each) => each instanceof CpaasError && each.code === code);
      if (code !== 'HOST.UNREACHABLE' && !told) troubles.push(error);
      return [];
    });
  // where a phase is still to come, there is nothing yet to be asked about
  const there = document.summary.deferred === 0;
  const [joined, leftOut, sessions, blocks] = there
    ? await Promise.all([
        known(facts.get(joinedNodes(kube, nodes))),
        known(facts.get(leftOutNodes(kube, nodes))),
        known(facts.get(bgpSessions({ kube, routers, nodes }))),
        known(facts.get(learnedBlocks({ kube, routers, nodes, pods: podNetworks(network) }))),
      ])
    : [[], [], [], []];
  return {
    cluster: name,
    findings: diagnose({ document, troubles, nodes: joined, sessions, blocks, network: network.nodes }),
    leftOut,
  };
}
