import { examples, type VerbModule } from '../cli/command.ts';
import { converge } from '../engine/converge.ts';
import { chooseRun, notPutBack, planOfUndoing } from '../engine/rollback.ts';
import { consenting } from '../session/run/consent.ts';
import { performRun } from '../session/run/perform-run.ts';

export const define: VerbModule['define'] = (command, act) => {
  command.argument('[run]', 'the run to undo, from cpaas runs; the last one when left out');
  examples(command, [
    ['cpaas rollback', 'undo the last run'],
    ['cpaas rollback 20261122-141502', 'undo that one, if nothing was built on it'],
  ]);
  act(command, ({ args, options, io }) =>
    performRun(
      'rollback',
      { options, io },
      async ({ engine, name, run, who }) => {
        const chosen = chooseRun(engine.journal, args[0]);
        const plan = await planOfUndoing(chosen, name, engine);
        engine.journal.begin({ run, command: 'rollback', ...who, undoes: chosen.run });
        const consent = consenting('rollback', name, options, io);
        const outcome = await converge(plan, engine, { consent, leftovers: false, gates: false });
        const shortfall = notPutBack(chosen, engine);
        return { outcome, ...(shortfall ? { shortfall } : {}) };
      },
      { fileless: true, whole: true },
    ),
  );
};
