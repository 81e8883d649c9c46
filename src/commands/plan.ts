import { type Answer, type ExitCode, examples, type VerbModule } from '../cli/command.ts';
import { troublesOf } from '../engine/conflicts.ts';
import { everything } from '../engine/only.ts';
import { changesSomething, planDocument } from '../engine/plan-document.ts';
import { survey } from '../engine/survey.ts';
import { openSession } from '../session/session.ts';
import { dryRunText, planText } from '../ui/screens/plan.ts';

interface Options {
  readonly check?: boolean;
  readonly commands?: boolean;
}

export const define: VerbModule['define'] = (command, act) => {
  command
    .option('--check', 'exit with 4 when something would change')
    .option('--commands', 'print the shell equivalent instead');
  examples(command, [
    ['cpaas plan', 'what up would do'],
    ['cpaas plan -v', 'with each command, down to the imish lines'],
    ['cpaas plan --check', 'in CI: 0 as the file says, 4 not so'],
    ['cpaas plan --commands', 'to read, or to run by hand'],
  ]);
  act<Options>(command, async ({ options, io }): Promise<Answer> => {
    const session = await openSession(options, io);
    try {
      const { name, plan, engine, facts, heading } = session;
      session.warn();
      const found = await survey(plan, engine, facts, { leftovers: true });
      const document = planDocument(name, found, engine);
      const errors = troublesOf(found, everything);
      return {
        kind: 'Plan',
        data: document,
        text: (view) => (options.commands ? dryRunText(document) : planText({ plan: document, heading }, view)),
        ...(errors.length > 0 ? { failure: { error: new AggregateError(errors) } } : {}),
        exit: exitCode(document, errors.length, options),
      };
    } finally {
      await session.close();
    }
  });
};

/** What could not be read makes a plan incomplete; a conflict makes `up` refuse it. */
function exitCode(document: ReturnType<typeof planDocument>, errors: number, { check }: Options): ExitCode {
  if (errors + document.summary.unreachable + document.summary.conflict > 0) return 2;
  return check && changesSomething(document) ? 4 : 0;
}
