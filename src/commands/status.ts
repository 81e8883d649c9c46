import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, examples, type VerbModule } from '../cli/command.ts';
import { watching } from '../cli/watching.ts';
import type { NodeStatus, StatusDocument } from '../core/documents.ts';
import { CpaasError, isUnreachable } from '../core/errors.ts';
import { Facts } from '../core/facts.ts';
import { grouped } from '../core/grouped.ts';
import { troublesOf } from '../engine/conflicts.ts';
import { everything } from '../engine/only.ts';
import { differences, planDocument } from '../engine/plan-document.ts';
import { survey } from '../engine/survey.ts';
import { bgpSessions } from '../facts/bgp/bgp-sessions.ts';
import { joinedNodes, leftOutNodes } from '../facts/cluster/joined-nodes.ts';
import { podBlocks } from '../facts/cluster/pod-blocks.ts';
import { pods } from '../facts/cluster/pods.ts';
import { hostRouteTable } from '../facts/host/route-table.ts';
import { familiesOf } from '../facts/router-target.ts';
import type { Blueprint } from '../providers/blueprint.ts';
import { openSession, type Session } from '../session/session.ts';
import { statusText } from '../ui/screens/status.ts';

interface Options {
  readonly watch?: boolean;
  readonly wait?: boolean;
}

export const define: VerbModule['define'] = (command, act) => {
  command.option('--watch', 'again every 2 seconds').option('--wait', 'until all is well, or --timeout (60 s)');
  examples(command, [
    ['cpaas status', 'nodes, sessions, routes, and what is not as the file says'],
    ['cpaas status --wait --timeout 120', 'in a script: exit 5 when it is not well by then'],
  ]);
  act<Options>(command, async ({ options, io, args }): Promise<Answer | { exit: number }> => {
    const session = await openSession(options, io);
    const { heading } = session;
    try {
      if (options.watch)
        return await watching(
          { options, io, args },
          async () => (await statusOf(session)).status,
          'Status',
          (status, view) => statusText({ status, heading }, view),
        );
      const end = Date.now() + (options.timeout ?? 60) * 1000;
      let { status, troubles } = await statusOf(session);
      while (options.wait && !status.healthy && Date.now() < end) {
        await pause(1000, undefined, { signal: io.interrupted });
        ({ status, troubles } = await statusOf(session));
      }
      const text: Answer['text'] = (view) => statusText({ status, heading }, view);
      const failure = troubles.length > 0 ? { failure: { error: new AggregateError(troubles) } } : {};
      return { kind: 'Status', data: status, text, ...failure, exit: status.healthy ? 0 : 5 };
    } finally {
      await session.close();
    }
  });
};

/** What exists now, compared with the file and with what the journal remembers; and why a part of it is not known. */
export async function statusOf({ name, plan, engine, blueprint }: Session): Promise<{
  readonly status: StatusDocument;
  readonly troubles: readonly unknown[];
}> {
  const facts = new Facts(engine.ctx);
  const found = await survey(plan, engine, facts, { leftovers: true });
  const document = planDocument(name, found, engine);
  const known = blueprint && document.summary.deferred === 0;
  const { unknown, ...seen } = known ? await observe(blueprint, facts) : NOTHING;
  const counts = differences(document);
  const healthy =
    Object.values(counts).every((count) => count === 0) &&
    document.summary.deferred === 0 &&
    unknown.length === 0 &&
    seen.sessions.every(({ agree }) => agree) &&
    seen.routes.every(({ present }) => present);
  const status = { ...document, counts, ...seen, healthy };
  return { status, troubles: [...troublesOf(found, everything), ...unknown] };
}

const NOTHING = { nodes: [], leftOut: [], sessions: [], routes: [], unknown: [] } as const;

/** Each as far as it can be known: one that cannot be read hides no other. A host out of reach is told by the plan already. */
async function observe(blueprint: Blueprint, facts: Facts) {
  const { kube, routers, nodes, gateway } = blueprint;
  const unknown: CpaasError[] = [];
  const known = <T>(look: Promise<readonly T[]>): Promise<readonly T[]> =>
    look.catch((error: unknown) => {
      if (!(error instanceof CpaasError)) throw error;
      if (!isUnreachable(error)) unknown.push(error);
      return [];
    });
  const [seen, leftOut, sessions, routes] = await Promise.all([
    known(nodeStatuses(blueprint, facts)),
    known(facts.get(leftOutNodes(kube, nodes))),
    known(facts.get(bgpSessions({ kube, routers, nodes }))),
    known(gateway ? facts.get(hostRouteTable(gateway, kube, nodes)) : Promise.resolve([])),
  ]);
  return { nodes: seen, leftOut, sessions, routes, unknown };
}

/** The nodes of the file, with their blocks and pods. */
export async function nodeStatuses(
  { kube, nodes: names, routers }: Blueprint,
  facts: Facts,
): Promise<readonly NodeStatus[]> {
  const nodes = await facts.get(joinedNodes(kube, names));
  const known = nodes.map(({ name }) => name);
  const [running, ...blocks] = await Promise.all([
    facts.get(pods(kube)),
    ...familiesOf(routers).map((family) => facts.get(podBlocks(kube, known, family))),
  ]);
  const blocksOf = grouped(blocks.flat(), ({ node }) => node);
  const podsOf = grouped(running, ({ node }) => node);
  return nodes.map(({ name, address, ready }) => ({
    name,
    address,
    ready,
    blocks: (blocksOf.get(name) ?? []).map(({ cidr }) => cidr),
    pods: podsOf.get(name)?.length ?? 0,
  }));
}
