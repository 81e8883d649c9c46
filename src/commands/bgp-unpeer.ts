import { nothing } from '../core/plan.ts';
import { converge } from '../engine/converge.ts';
import { bgpPart } from './bgp-part.ts';
import { carryOut } from './carry-out.ts';
import { examples, type VerbModule } from './command.ts';
import { consenting } from './consent.ts';

interface Options {
  readonly routersOnly?: boolean;
}

export const define: VerbModule['define'] = (command, act) => {
  command.option('--routers-only', "leave the cluster's side as it is");
  examples(command, [
    ['cpaas bgp unpeer --confirm cpaas1', 'the routers and the cluster get back what they had'],
    ['cpaas bgp unpeer --routers-only', 'the routers alone'],
  ]);
  act<Options>(command, ({ options, io }) =>
    carryOut(
      'bgp unpeer',
      { options, io },
      async ({ engine, name }) => {
        const consent = consenting('bgp unpeer', name, options, io);
        const only = bgpPart({ cluster: !options.routersOnly });
        return { outcome: await converge(nothing(name), engine, { consent, leftovers: true, gates: false, only }) };
      },
      { fileless: true },
    ),
  );
};
