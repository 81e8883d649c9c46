import type { Verb } from '../../cli/command.ts';
import { examples, type VerbModule } from '../../cli/command.ts';
import { define as diff } from './diff.ts';
import { define as peer } from './peer.ts';
import { define as routes } from './routes.ts';
import { define as status } from './status.ts';
import { define as unpeer } from './unpeer.ts';

const verbs: readonly (Pick<Verb, 'name' | 'summary'> & VerbModule)[] = [
  { name: 'peer', summary: 'make the BGP sessions as the file says, and nothing else', define: peer },
  { name: 'unpeer', summary: 'take away what cpaas configured of BGP, and nothing else', define: unpeer },
  { name: 'diff', summary: 'what is running against what is wanted, and against what is saved', define: diff },
  { name: 'status', summary: 'every session from both ends; exit 5 when one is not Established', define: status },
  { name: 'routes', summary: 'every pod block at every router: learned, in force, by which way', define: routes },
];

export const define: VerbModule['define'] = (command, act) => {
  examples(command, [
    ['cpaas bgp peer', 'both ends, without the rest of up'],
    [
      'cpaas bgp peer --router ssh://root@10.1.20.11 --as 64512 --neighbors 10.1.20.20,10.1.20.21 --dry-run',
      'without a file: the exact lines',
    ],
    ['cpaas bgp diff', 'what is running against what is wanted'],
    ['cpaas bgp status', 'every session, from both ends'],
    ['cpaas bgp routes', 'what the routers make of the pod blocks'],
  ]);
  for (const { name, summary, define } of verbs) define(command.command(name).description(summary), act);
};
