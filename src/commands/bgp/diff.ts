import { type Answer, examples, type VerbModule } from '../../cli/command.ts';
import type { BgpDiffDocument, RouterDiff } from '../../core/bgp-documents.ts';
import { flatten } from '../../core/errors.ts';
import { UNREACHABLE } from '../../core/plan.ts';
import { troublesOf } from '../../engine/conflicts.ts';
import type { Looked } from '../../engine/looked.ts';
import { survey } from '../../engine/survey.ts';
import { bgpDifference } from '../../facts/bigip/bgp-difference.ts';
import { openSession, type Session } from '../../session/session.ts';
import { bigipBgp } from '../../steps/bigip/bgp.ts';
import { bgpDiffText } from '../../ui/screens/bgp-diff.ts';
import { type AdhocOptions, adhocOf, declareAdhoc, suggestingFlags } from './adhoc.ts';
import { bgpPart, keeping } from './part.ts';

const WITHOUT_FILE = 'cpaas bgp diff --router ssh://root@10.1.20.11 --as 64512 --neighbors 10.1.20.20,10.1.20.21';

export const define: VerbModule['define'] = (command, act) => {
  declareAdhoc(command, ['as', 'neighbors', 'kubeconfig', 'unit']);
  examples(command, [
    ['cpaas bgp diff', 'running against wanted, and saved against running; exit 5 when they differ'],
    ['cpaas bgp diff -o json', 'each context with its lines, for a program'],
    [WITHOUT_FILE, 'against what cpaas bgp peer would make of these flags'],
  ]);
  act<AdhocOptions>(command, async (call): Promise<Answer> => {
    const adhoc = await adhocOf(call, { verb: 'diff', as: true, neighbors: true });
    const session = await suggestingFlags(openSession(call.options, call.io, { adhoc, apiless: true }), WITHOUT_FILE);
    try {
      const { data, troubles } = await differences(session);
      const differs = data.routers.some((each) => each.wanted.length + each.unsaved.length + each.conflicts.length > 0);
      const unknown = troubles.length > 0 || data.routers.some((each) => each.unknown !== undefined);
      return {
        kind: 'BgpDiff',
        data,
        text: (view) => bgpDiffText(data, view),
        ...(troubles.length > 0 ? { failure: { error: new AggregateError(troubles) } } : {}),
        exit: differs || unknown ? 5 : 0,
      };
    } finally {
      await session.close();
    }
  });
};

/** Of each router, by the same survey that `bgp peer` begins with. */
async function differences(session: Session) {
  const { plan, engine, facts, adhoc } = session;
  const routers = bgpPart({ cluster: false });
  const phases = plan.phases.filter((phase) => routers.phase(phase));
  const found = await survey({ ...plan, phases }, engine, facts, {
    leftovers: false,
    ...keeping({ adhoc }),
  });
  // where the phase cannot even be spelled out no unit can be told of
  const unread = found.phases.flatMap(({ error }) => (error === undefined ? [] : flatten(error)));
  if (unread.length > 0) throw new AggregateError(unread);
  const looked = found.phases.flatMap((phase) => phase.looked);
  const bgp = looked.filter(({ step }) => step.kind === bigipBgp.kind || step.kind === UNREACHABLE);
  const data: BgpDiffDocument = { routers: await Promise.all(bgp.map((each) => differenceOf(each, looked, session))) };
  return { data, troubles: troublesOf(found, routers) };
}

/** What is in the way may be another condition of the unit, too. */
async function differenceOf(
  { step, found, failure }: Looked,
  looked: readonly Looked[],
  { engine, facts }: Session,
): Promise<RouterDiff> {
  const router = engine.ctx.host(step.host).name;
  const nothing = { router, enabled: false, wanted: [], unsaved: [], conflicts: [] };
  if (!found) return { ...nothing, unknown: messageOf(failure) };
  const conflicts = looked
    .filter((each) => each.step.host === step.host)
    .flatMap((each) => each.found?.conflicts.map(({ why }) => why) ?? []);
  return { router, ...(await facts.get(bgpDifference(step, found.changes))), conflicts };
}

const messageOf = (failure: unknown): string => {
  const [first] = flatten(failure);
  return first instanceof Error ? first.message : `${first}`;
};
