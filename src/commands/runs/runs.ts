import { type Answer, type Call, examples, type VerbModule } from '../../cli/command.ts';
import { openSession, type Session } from '../../session/session.ts';
import { runText } from '../../ui/screens/run.ts';
import { runsText } from '../../ui/screens/runs.ts';
import { historyOf, runNamed } from './history.ts';
import { mendRuns } from './mend.ts';

export const define: VerbModule['define'] = (command, act) => {
  examples(command, [
    ['cpaas runs', 'newest first; each can be undone with cpaas rollback RUN'],
    ['cpaas runs show 20261122-141502', 'what it changed, with before and after'],
  ]);
  act(command, async (call): Promise<Answer> => {
    const { name, engine } = await remembered(call);
    const runs = engine.journal.runs().map(({ places: _, changes, ...run }) => ({ ...run, changes: changes.length }));
    const data = { cluster: name, runs };
    return { kind: 'Runs', data, text: (view) => runsText(data, view), exit: 0 };
  });

  const show = command.command('show').description('every change of a run, with before and after');
  show.argument('[run]', 'a run from cpaas runs; the last one when left out');
  examples(show, [
    ['cpaas runs show', 'the last one'],
    ['cpaas runs show 20261122-141502 -o json', 'for a program'],
  ]);
  act(show, async (call): Promise<Answer> => {
    const { name, engine } = await remembered(call);
    const data = historyOf(name, runNamed(engine.journal.runs(), call.args[0]), engine);
    return { kind: 'RunHistory', data, text: (view) => runText(data, view), exit: 0 };
  });

  const mend = command.command('mend').description('set aside the lines of a damaged journal that cannot be read');
  examples(mend, [['cpaas runs mend', 'they are kept in a file beside it']]);
  act(mend, mendRuns);
};

/** What the state holds; nothing is contacted. */
async function remembered({ options, io }: Call): Promise<Session> {
  const session = await openSession(options, io, { fileless: true, whole: true });
  await session.close();
  return session;
}
