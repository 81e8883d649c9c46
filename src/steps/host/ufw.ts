import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import type { Command, ElementChange } from '../../core/step.ts';
import { aptInstall, aptRemove, aptUpdate } from '../../host/apt/commands.ts';
import { listPackages, parsePackages } from '../../host/apt/packages.ts';
import { runApt } from '../../host/apt/run-apt.ts';
import { Within } from '../../host/within.ts';

const Place = z.strictObject({ host: z.string(), proxy: z.string().optional(), within: Within });
export type HostUfwPlace = z.infer<typeof Place>;

/** `enabled`: it filters. `installed`: it is there; its rules stay in its files when it is not. */
const State = z.enum(['yes', 'no']);
type State = z.infer<typeof State>;

/** The wish for an ufw that does not filter, or is not there either. */
export const ufw = (wish: 'off' | 'removed'): readonly (readonly [string, State])[] => [
  ['enabled', 'no'],
  ...(wish === 'removed' ? [['installed', 'no'] as const] : []),
];

/** Whether ufw filters what reaches a host or goes through it. Undo brings back what there was. */
export const hostUfw = defineStep<HostUfwPlace, State>({
  kind: 'host.ufw',
  place: Place,
  value: State,
  undo: 'down',
  adoptable: false,
  id: ({ host }) => host,
  title: () => 'Firewall',
  host: ({ host }) => host,
  within: ({ within }) => within,
  claim: () => 'take',
  describe: ({ key, to }) => `ufw ${to === 'no' ? 'not ' : ''}${key}`,
  risk: ({ key, to }) =>
    key === 'enabled'
      ? {
          risk: 'disruptive',
          why: to === 'no' ? 'nothing is filtered any more' : 'ufw filters again, by the rules it had',
        }
      : { risk: 'additive' },

  async read(ctx, { host }) {
    const [packages, conf] = await ctx
      .host(host)
      .queryAll([
        reading(listPackages(['ufw']), { codes: [1] }),
        reading(['cat', '/etc/ufw/ufw.conf'], { codes: [1] }),
      ]);
    const there = parsePackages(packages ?? { stdout: '' }).has('ufw');
    const enabled = there && /^ENABLED=yes$/m.test(conf?.stdout ?? '');
    return new Map<string, { value: State }>([
      ['enabled', { value: enabled ? 'yes' : 'no' }],
      ['installed', { value: there ? 'yes' : 'no' }],
    ]);
  },

  commands: (place, changes) => commandsOf(place, changes),

  async write(ctx, place, changes) {
    const machine = ctx.host(place.host);
    for (const { argv } of commandsOf(place, changes))
      await (argv[0] === 'ufw' ? machine.run(argv) : runApt(machine, argv, ctx));
  },
});

/** It comes before it filters, and filters no more before it goes. */
function commandsOf({ proxy }: HostUfwPlace, changes: readonly ElementChange<State>[]): readonly Command[] {
  const options = { proxy };
  const to = Object.fromEntries(changes.map((change) => [change.key, change.to]));
  const argvs = [
    ...(to['installed'] === 'yes' ? [aptUpdate(options), aptInstall(['ufw'], options)] : []),
    ...(to['enabled'] === 'yes' ? [['ufw', '--force', 'enable']] : []),
    ...(to['enabled'] === 'no' ? [['ufw', 'disable']] : []),
    ...(to['installed'] === 'no' ? [aptRemove(['ufw'], options)] : []),
  ];
  return argvs.map((argv) => ({ argv }));
}
