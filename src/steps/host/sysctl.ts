import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import { Within } from '../../host/within.ts';

/** `set` names these settings where a host has several sets. With `atLeast` numbers are lower bounds: more will do. */
const Place = z.strictObject({
  host: z.string(),
  cluster: z.string(),
  set: z.string().optional(),
  atLeast: z.boolean().optional(),
  within: Within,
});
export type HostSysctlPlace = z.infer<typeof Place>;

/** Settings of a host's kernel while it runs, by their sysctl names. There is no room for a mark: the journal decides what is ours. */
export const hostSysctl = defineStep<HostSysctlPlace, string>({
  kind: 'host.sysctl',
  place: Place,
  value: z.string(),
  undo: 'down',
  adoptable: false,
  id: ({ host, cluster, set }) => [host, cluster, ...(set === undefined ? [] : [set])].join('/'),
  title: () => 'Kernel settings',
  host: ({ host }) => host,
  within: ({ within }) => within,
  claim(key, seen, want, _, { atLeast }) {
    if (!seen) return { conflict: `the kernel of this host has no ${key}` };
    return atLeast && Number(seen.value) >= Number(want) ? 'leave' : 'take';
  },
  describe: ({ key, from, to }) => `${key} ${[from, to].filter(Boolean).join(' → ')}`,
  risk: ({ key, to, cause }) =>
    cause === 'unwanted' || to === '0' ? { risk: 'disruptive', why: stops(key, to) } : { risk: 'additive' },

  async read(ctx, { host }, keys) {
    const asked = [...keys];
    const questions = asked.map((key) => reading(['cat', path(key)], { codes: [1] }));
    const answers = await ctx.host(host).queryAll(questions);
    return new Map(
      asked.flatMap((key, at) => {
        const { code = 1, stdout = '' } = answers[at] ?? {};
        return code === 0 ? [[key, { value: stdout.trim().replaceAll('\t', ' ') }] as const] : [];
      }),
    );
  },

  commands: (_, changes) => {
    const settings = changes.flatMap(({ key, to }) => (to === undefined ? [] : [`${key}=${to}`]));
    return settings.length === 0 ? [] : [{ argv: ['sysctl', '-q', '-w', ...settings] }];
  },
});

/** `net.ipv4.ip_forward` is a file; a dot inside a name (an interface eth0.5) is written as a slash. */
const path = (key: string): string => `/proc/sys/${key.replace(/[./]/g, (sign) => (sign === '.' ? '/' : '.'))}`;

const stops = (key: string, to: string | undefined): string =>
  key === 'net.ipv4.ip_forward'
    ? 'this host forwards no packets any more: nothing behind it is reached, by other clusters either'
    : `${key} goes back to ${to}`;
