import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import type { Claim, Command, ElementChange, Seen } from '../../core/step.ts';
import { unitMark } from '../../host/boot-units.ts';

/** `timer` is the name of the unit that is enabled; `needs` are the files that the units call. */
const Place = z.strictObject({ host: z.string(), cluster: z.string(), timer: z.string(), needs: z.array(z.string()) });
export type HostBootRoutesPlace = z.infer<typeof Place>;
/** The text of a unit; or something as it must be. */
const Value = z.union([z.literal(true), z.string()]);
export type BootRoutesValue = z.infer<typeof Value>;
type Change = ElementChange<BootRoutesValue>;

const FOLDER = '/etc/systemd/system/';
/** A condition: cpaas makes no systemd. */
const SYSTEMD = 'systemd';
/** Each can be so without the other, after a write that was cut off. */
const ENABLED = 'timer enabled';
const STARTED = 'timer started';

/** The wishes for some units, by name, and that their timer runs now and after each start. */
export const bootRoutes = (
  units: readonly { readonly name: string; readonly text: string }[],
  needs: readonly string[],
): readonly (readonly [string, BootRoutesValue])[] => [
  [SYSTEMD, true],
  ...needs.map((path) => [path, true] as const),
  ...units.map(({ name, text }) => [name, text] as const),
  [ENABLED, true],
  [STARTED, true],
];

/** The systemd units of a host that set its routes to the pods after a start. */
export const hostBootRoutes = defineStep<HostBootRoutesPlace, BootRoutesValue>({
  kind: 'host.boot-routes',
  place: Place,
  value: Value,
  undo: 'down',
  id: ({ host, cluster }) => `${host}/${cluster}`,
  title: ({ cluster }) => `Routes of ${cluster} at boot`,
  host: ({ host }) => host,
  claim,
  risk: () => ({ risk: 'additive' }),
  // a unit's text would fill a screen: plan --commands has it
  describe: ({ key }) => key,

  async read(ctx, { host, cluster, timer, needs }, keys) {
    const units = [...keys].filter(isUnit);
    const [booted, enabled, active, ...rest] = await ctx
      .host(host)
      .queryAll([
        reading(['test', '-d', '/run/systemd/system'], { codes: [1] }),
        reading(['systemctl', 'is-enabled', timer], { codes: ANY }),
        reading(['systemctl', 'is-active', timer], { codes: ANY }),
        ...needs.map((path) => reading(['test', '-r', path], { codes: [1] })),
        ...units.map((name) => reading(['cat', FOLDER + name], { codes: [1] })),
      ]);
    const there = (condition: boolean, key: string): readonly (readonly [string, Seen<BootRoutesValue>])[] =>
      condition ? [[key, { value: true }]] : [];
    return new Map([
      ...there(booted?.code === 0, SYSTEMD),
      ...there(enabled?.stdout.trim() === 'enabled', ENABLED),
      ...there(active?.stdout.trim() === 'active', STARTED),
      ...needs.flatMap((path, at) => there(rest[at]?.code === 0, path)),
      ...units.flatMap((name, at) => {
        const { code, stdout: value = '' } = rest[needs.length + at] ?? {};
        const mark = value.startsWith(unitMark(cluster)) ? ('ours' as const) : ('other' as const);
        return code === 0 ? [[name, { value, mark }] as const] : [];
      }),
    ]);
  },

  commands,

  async write(ctx, place, changes) {
    const machine = ctx.host(place.host);
    for (const { argv, stdin } of commands(place, changes))
      if (stdin === undefined) await machine.run(argv);
      // as the command would, but whole or not at all
      else await machine.write(argv.at(-1) ?? '', stdin, { mode: 0o644 });
  },
});

/** systemctl answers with its exit code, too; without systemd there is no systemctl. */
const ANY = [1, 3, 4, 127];

const isUnit = (key: string): boolean => /\.(service|timer)$/.test(key) && !key.includes('/');

function claim(key: string, seen: Seen<BootRoutesValue> | undefined, _: BootRoutesValue, ours: boolean): Claim {
  if (key === SYSTEMD) return { conflict: 'this host has no systemd: nothing would set its routes after a start' };
  if (key.startsWith('/'))
    return { conflict: `this host has no ${key}, which the units would call: cpaas must be there` };
  return seen && !ours ? { conflict: `${FOLDER}${key} is somebody else's` } : 'take';
}

/**
 * A timer that runs is stopped before its units change, so that a write which is cut off leaves it to be started again: systemd would
 * go on with what it had read before.
 */
function commands({ timer }: HostBootRoutesPlace, changes: readonly Change[]): readonly Command[] {
  if (changes.length === 0) return [];
  const units = changes.filter(({ key }) => isUnit(key));
  const changed = units.some(({ from, to }) => from !== undefined && to !== undefined);
  const gone = units.filter(({ to }) => to === undefined).map(({ key }) => FOLDER + key);
  const timers = changes.filter(({ key }) => key === ENABLED || key === STARTED);
  const runs = !timers.some(({ key }) => key === STARTED);
  const ends = timers.some(({ to }) => to === undefined);
  const systemctl = (...words: readonly string[]): Command => ({ argv: ['systemctl', ...words] });
  return [
    ...(ends ? [systemctl('disable', '--now', timer)] : changed && runs ? [systemctl('stop', timer)] : []),
    ...(gone.length > 0 ? [{ argv: ['rm', '-f', ...gone] }] : []),
    ...units.flatMap(({ key, to }) =>
      typeof to === 'string' ? [{ argv: ['install', '-m', '0644', '/dev/stdin', FOLDER + key], stdin: to }] : [],
    ),
    systemctl('daemon-reload'),
    ...(!ends && (changed || timers.length > 0) ? [systemctl('enable', '--now', timer)] : []),
  ];
}
