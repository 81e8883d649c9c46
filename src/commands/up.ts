import { type Call, examples, type VerbModule } from '../cli/command.ts';
import { converge } from '../engine/converge.ts';
import { onlyNamed } from '../engine/only.ts';
import { consenting } from '../session/run/consent.ts';
import { performRun } from '../session/run/perform-run.ts';
import { proofOf } from '../session/run/proof.ts';
import type { Run } from '../session/run/run.ts';
import { undoFailed } from '../session/run/undo-failed.ts';

interface Options {
  readonly only?: string;
  readonly adopt?: boolean;
  readonly rollbackOnFailure?: boolean;
  readonly save?: boolean;
}

export const define: VerbModule['define'] = (command, act) => {
  command
    .option('--only <phase|step>', 'only this part; the rest is neither changed nor removed')
    .option('--adopt', 'take what is already as wanted into the journal, so that down removes it')
    .option('--save', 'save on the units also what somebody else had left unsaved there')
    .option('--rollback-on-failure', 'undo this run when it fails');
  examples(command, [
    ['cpaas up', 'make it as cpaas.yaml says'],
    ['cpaas up -f examples/lab-vm.yaml', "build the articles' network here, and join it"],
    ['cpaas up --only "Host routes"', 'one phase'],
    ['cpaas up -y', 'agree to changes that disrupt sessions'],
  ]);
  act<Options>(command, (call) => performRun('up', call, (run) => up(run, call)));
};

async function up(run: Run, { options, io }: Call<Options>) {
  const { engine, plan, name, facts } = run;
  run.warn();
  const consent = consenting('up', name, options, io);
  const only = options.only === undefined ? {} : { only: onlyNamed(options.only) };
  const { adopt = false, save: overlook = false } = options;
  const converging = { consent, facts, leftovers: true, gates: true, adopt, overlook, ...only };
  const outcome = await converge(plan, engine, converging).catch(async (error: unknown) => {
    throw options.rollbackOnFailure && !io.interrupted.aborted ? await undoFailed(run, error) : error;
  });
  if (options.only === undefined) run.remember();
  return { outcome, proof: outcome === 'applied' ? await proofOf(run) : [] };
}
