import { runsText } from '../ui/runs.ts';
import { examples, type VerbModule } from './command.ts';
import { openSession } from './session.ts';

export const define: VerbModule['define'] = (command, act) => {
  examples(command, [['cpaas runs', 'newest last; each can be undone with cpaas rollback RUN']]);
  act(command, async ({ options, io }) => {
    const session = await openSession(options, io, { fileless: true });
    await session.close();
    const runs = session.engine.journal
      .runs()
      .map(({ places: _, changes, ...run }) => ({ ...run, changes: changes.length }));
    const data = { cluster: session.name, runs };
    return { kind: 'Runs', data, text: (view) => runsText(data, view), exit: 0 };
  });
};
