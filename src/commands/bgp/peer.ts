import { type Answer, type Call, examples, type VerbModule } from '../../cli/command.ts';
import { troublesOf } from '../../engine/conflicts.ts';
import { converge } from '../../engine/converge.ts';
import { planDocument } from '../../engine/plan-document.ts';
import { survey } from '../../engine/survey.ts';
import { consenting } from '../../session/run/consent.ts';
import { performRun } from '../../session/run/perform-run.ts';
import { proofAtRouters, proofOf } from '../../session/run/proof.ts';
import { openSession } from '../../session/session.ts';
import type { SessionOptions } from '../../session/target.ts';
import { dryRunText } from '../../ui/screens/plan.ts';
import { type AdhocOptions, adhocOf, declareAdhoc, suggestingFlags } from './adhoc.ts';
import { bgpPart, keeping } from './part.ts';

interface Options extends AdhocOptions {
  readonly dryRun?: boolean;
  readonly save: boolean;
  readonly renewPasswords?: boolean;
}

const WITHOUT_FILE = 'cpaas bgp peer --router ssh://root@10.1.20.11 --as 64512 --neighbors 10.1.20.20,10.1.20.21';

export const define: VerbModule['define'] = (command, act) => {
  declareAdhoc(command, ['as', 'neighbors', 'kubeconfig', 'unit', 'cluster']);
  command
    .option('--dry-run', 'print the exact lines for each unit, change nothing')
    .option('--renew-passwords', 'write passwords of BGP anew at both ends: no unit shows whether one has changed')
    .option('--no-save', 'leave both saves on the units undone');
  examples(command, [
    ['cpaas bgp peer', 'both ends of every session of cpaas.yaml'],
    ['cpaas bgp peer --renew-passwords', 'after the password that the file refers to has changed'],
    [WITHOUT_FILE, "one unit's end, without any file"],
    [`${WITHOUT_FILE} --dry-run`, 'the exact lines of tmsh and imish; nothing is sent'],
    [
      'cpaas bgp peer --router ssh://root@10.1.20.11 --router ssh://root@10.1.20.12 --from-kubeconfig ~/.kube/config',
      'both units of a pair and the cluster, whose nodes and AS are read from it',
    ],
    [
      'cpaas bgp peer --router ssh://root@10.1.20.11 --as 65010 --from-kubeconfig ~/.kube/config --no-cluster',
      "eBGP, the unit's end alone",
    ],
  ]);
  act<Options>(command, async (call) => {
    const options = { adhoc: await adhocOf(call, { verb: 'peer', as: true, neighbors: true }) };
    return call.options.dryRun ? dryRun(call, options) : peer(call, options);
  });
};

type PeerCall = Call<Options>;

/** Whether the other end is made too, so that sessions can be waited for. */
const bothEnds = ({ options: { clusterSide = true } }: PeerCall, { adhoc }: SessionOptions): boolean =>
  clusterSide && (!adhoc || adhoc.kube !== undefined);

const part = (call: PeerCall, options: SessionOptions) => bgpPart({ cluster: bothEnds(call, options) });

function peer(call: PeerCall, session: SessionOptions): Promise<Answer> {
  const { options, io } = call;
  const both = bothEnds(call, session);
  const running = performRun(
    'bgp peer',
    call,
    async (run) => {
      const { engine, plan, name } = run;
      const consent = consenting('bgp peer', name, options, io);
      const outcome = await converge(plan, engine, {
        consent,
        leftovers: !session.adhoc,
        only: part(call, session),
        close: options.save,
        gates: both,
        renew: options.renewPasswords ?? false,
        ...keeping(session),
      });
      if (outcome !== 'applied') return { outcome, proof: [] };
      return { outcome, proof: await (both ? proofOf(run) : proofAtRouters(run)) };
    },
    { ...session, apiless: !both },
  );
  return suggestingFlags(running, WITHOUT_FILE);
}

/** The exact lines, and nothing sent but questions. */
async function dryRun(call: PeerCall, options: SessionOptions): Promise<Answer> {
  const opening = openSession(call.options, call.io, { ...options, apiless: !bothEnds(call, options) });
  const session = await suggestingFlags(opening, `${WITHOUT_FILE} --dry-run`);
  try {
    const { name, plan, engine, facts } = session;
    const chosen = part(call, options);
    const renew = call.options.renewPasswords ?? false;
    const converging = { leftovers: !options.adhoc, only: chosen, renew, ...keeping(options) };
    const found = await survey(plan, engine, facts, converging);
    const phases = found.phases
      .filter(({ phase }) => chosen.phase(phase))
      .map((each) => ({ ...each, looked: each.looked.filter(chosen.item) }));
    const leftovers = { asked: found.leftovers.asked.filter(chosen.item), inside: [] };
    const document = planDocument(name, { phases, leftovers }, engine);
    const errors = troublesOf(found, chosen);
    return {
      kind: 'Plan',
      data: document,
      text: () => dryRunText(document),
      ...(errors.length > 0 ? { failure: { error: new AggregateError(errors) } } : {}),
      exit: errors.length + document.summary.unreachable + document.summary.conflict > 0 ? 2 : 0,
    };
  } finally {
    await session.close();
  }
}
