import { isDeepStrictEqual as same } from 'node:util';
import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import type { Command, ElementChange } from '../../core/step.ts';
import { DAEMON_JSON, editDaemonJson, newDaemonJson, parseDaemonJson, settingAt } from '../../host/daemon-json.ts';
import { Within } from '../../host/within.ts';

/** `running`: whether an engine runs that has to start again to hear of it. */
const Place = z.strictObject({
  host: z.string(),
  cluster: z.string(),
  running: z.boolean().optional(),
  within: Within,
});
export type DockerSettingsPlace = z.infer<typeof Place>;

/** The file itself, besides its settings: ours as long as nothing is in it that is not. */
const FILE = DAEMON_JSON;
const OURS = 'only what cpaas set';
const SHARED = 'settings of others too';

/** Settings of the Docker engine by their names in daemon.json: `log-driver`, `log-opts.max-size`. What else is in it is kept. */
export const dockerSettings = defineStep<DockerSettingsPlace, unknown>({
  kind: 'docker.settings',
  place: Place,
  value: z.unknown(),
  undo: 'down',
  id: ({ host, cluster }) => `${host}/${cluster}`,
  title: () => 'Settings of Docker',
  host: ({ host }) => host,
  within: ({ within }) => within,
  describe: ({ key, from, to }) =>
    key === FILE
      ? key
      : `${key} ${[from, to]
          .filter((each) => each !== undefined)
          .map((each) => JSON.stringify(each))
          .join(' → ')}`,
  risk: (_, { running }) =>
    running
      ? { risk: 'disruptive', why: 'Docker starts again: containers stop unless live-restore is on' }
      : { risk: 'additive' },
  claim(key, seen, want, ours) {
    if (key === FILE && seen) return 'leave';
    if (!seen || ours) return 'take';
    return { conflict: `${DAEMON_JSON} has ${key} ${JSON.stringify(seen.value)}: ${JSON.stringify(want)} is wanted` };
  },

  async read(ctx, { host }, keys) {
    const machine = ctx.host(host);
    const text = await machine.read(DAEMON_JSON);
    if (text === undefined) return new Map();
    const settings = parseDaemonJson(text, machine.name);
    const found = [...keys].flatMap((key) => {
      const value = key === FILE ? undefined : settingAt(settings, key);
      return value === undefined ? [] : [[key, { value }] as const];
    });
    const rest = editDaemonJson(
      text,
      found.map(([key]) => [key, undefined]),
    );
    const shared = !same(parseDaemonJson(rest, machine.name), {});
    return new Map<string, { value: unknown }>([...found, [FILE, { value: shared ? SHARED : OURS }]]);
  },

  /** What is in the file is known when it is written. */
  commands: (_, changes): readonly Command[] =>
    changes.length === 0
      ? []
      : [
          {
            argv: ['install', '-D', '-m', '644', '/dev/stdin', DAEMON_JSON],
            stdin: `${JSON.stringify({ '<what is there>': '…', ...wanted(changes) }, undefined, 2)}\n`,
          },
        ],

  async write(ctx, { host }, changes) {
    if (changes.length === 0) return;
    const machine = ctx.host(host);
    const gone = changes.some(({ key, to }) => key === FILE && to === undefined);
    if (gone) {
      await machine.run(['rm', '-f', DAEMON_JSON]);
      return;
    }
    const text = await machine.read(DAEMON_JSON);
    const edits = changes.filter(({ key }) => key !== FILE).map(({ key, to }) => [key, to] as const);
    await machine.write(DAEMON_JSON, text === undefined ? newDaemonJson(edits) : editDaemonJson(text, edits));
  },

  close: {
    id: ({ host }) => `restart:${host}/docker.service`,
    title: () => 'start docker.service again',
    commands: () => [{ argv: ['systemctl', 'try-restart', 'docker.service'] }],
    async act(ctx, { host }) {
      await ctx.host(host).run(['systemctl', 'try-restart', 'docker.service'], { timeout: 180_000 });
      return undefined;
    },
  },
});

/** The wishes for settings. */
export const settings = (wish: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] => [
  [FILE, OURS],
  ...Object.entries(wish),
];

const wanted = (changes: readonly ElementChange<unknown>[]) =>
  Object.fromEntries(changes.flatMap(({ key, to }) => (key === FILE || to === undefined ? [] : [[key, to]])));
