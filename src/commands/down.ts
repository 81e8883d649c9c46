import { examples, type VerbModule } from '../cli/command.ts';
import { nothing } from '../core/plan.ts';
import { converge } from '../engine/converge.ts';
import { consenting } from '../session/run/consent.ts';
import { performRun } from '../session/run/perform-run.ts';

interface Options {
  readonly purge?: boolean;
}

export const define: VerbModule['define'] = (command, act) => {
  command.option('--purge', 'remove installed packages and tools as well');
  examples(command, [
    ['cpaas down', 'undo it all; asks what needs to be asked'],
    ['cpaas down --confirm cpaas1', 'agree beforehand, by name'],
    ['cpaas down --cluster cpaas1', 'when its file is gone'],
  ]);
  act<Options>(command, ({ options, io, args: _ }) =>
    performRun(
      'down',
      { options, io },
      async ({ engine, name }) => {
        const consent = consenting('down', name, options, io);
        const purge = options.purge ?? false;
        return { outcome: await converge(nothing(name), engine, { consent, leftovers: true, gates: false, purge }) };
      },
      { fileless: true },
    ),
  );
};
