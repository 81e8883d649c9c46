import { converge } from '../engine/converge.ts';
import { Lost } from '../engine/lost.ts';
import { planDocument } from '../engine/plan-document.ts';
import { survey } from '../engine/survey.ts';
import { planCommands } from '../ui/plan.ts';
import { bgpPart } from './bgp-part.ts';
import { carryOut } from './carry-out.ts';
import { type Answer, type Call, examples, type VerbModule } from './command.ts';
import { consenting } from './consent.ts';
import { proofOf } from './proof.ts';
import { openSession } from './session.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly save: boolean;
  readonly routersOnly?: boolean;
}

export const define: VerbModule['define'] = (command, act) => {
  command
    .option('--dry-run', 'print the exact lines for each unit instead')
    .option('--no-save', 'leave both saves on the units undone')
    .option('--routers-only', "leave the cluster's side as it is, and wait for no session");
  examples(command, [
    ['cpaas bgp peer', 'both ends of every session of the file'],
    ['cpaas bgp peer --dry-run', 'what would be typed into imish and tmsh'],
    ['cpaas bgp peer --routers-only', 'for a network engineer who has no access to the cluster'],
  ]);
  act<Options>(command, (call) => (call.options.dryRun ? dryRun(call) : peer(call)));
};

type PeerCall = Call<Options>;

const part = ({ options }: PeerCall) => bgpPart({ cluster: !options.routersOnly });

/** A network engineer has no access to the cluster. */
const apiless = ({ options }: PeerCall) => ({ apiless: options.routersOnly ?? false });

const peer = (call: PeerCall): Promise<Answer> =>
  carryOut(
    'bgp peer',
    call,
    async (run) => {
      const { engine, plan, name } = run;
      const { options, io } = call;
      const consent = consenting('bgp peer', name, options, io);
      const outcome = await converge(plan, engine, {
        consent,
        leftovers: true,
        only: part(call),
        close: options.save,
        gates: !options.routersOnly,
      });
      return { outcome, proof: outcome === 'applied' && !options.routersOnly ? await proofOf(run) : [] };
    },
    apiless(call),
  );

/** The exact lines, and nothing sent but questions. */
async function dryRun(call: PeerCall): Promise<Answer> {
  const session = await openSession(call.options, call.io, apiless(call));
  try {
    const { name, plan, engine, facts } = session;
    const found = await survey(plan, engine, facts, new Lost(engine), { leftovers: true });
    const chosen = part(call).item;
    const phases = found.phases.map((each) => ({ ...each, looked: each.looked.filter(chosen) }));
    const document = planDocument(
      name,
      { phases, leftovers: { asked: found.leftovers.asked.filter(chosen), inside: [] } },
      engine,
    );
    return { kind: 'Plan', data: document, text: () => planCommands(document), exit: 0 };
  } finally {
    await session.close();
  }
}
