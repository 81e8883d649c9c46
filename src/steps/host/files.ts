import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import type { Claim, Command, ElementChange } from '../../core/step.ts';
import { HostFile, readFiles } from '../../host/files.ts';
import { Within } from '../../host/within.ts';

/**
 * `set` names these files among others of the host. With `replace` a file of somebody else's is replaced, and put back by undo;
 * otherwise it is a conflict. `restart` is the unit that reads them when it starts, `running` whether it has.
 */
const Place = z.strictObject({
  host: z.string(),
  set: z.string(),
  title: z.string(),
  replace: z.boolean().optional(),
  restart: z.string().optional(),
  running: z.boolean().optional(),
  within: Within,
});
export type HostFilesPlace = z.infer<typeof Place>;

/** Small text files of a host, and folders, by their paths. What is in a folder is nobody's business: one that is not empty stays. */
export const hostFiles = defineStep<HostFilesPlace, HostFile>({
  kind: 'host.files',
  place: Place,
  value: HostFile,
  undo: 'down',
  id: ({ host, set }) => `${host}/${set}`,
  title: ({ title }) => title,
  host: ({ host }) => host,
  within: ({ within }) => within,
  read: (ctx, { host }, keys) => readFiles(ctx.host(host), keys),
  claim: (key, seen, want, ours, { replace = false }) =>
    seen ? claimOf(key, seen.value, want, ours || replace) : 'take',
  describe: ({ key, from, to }) => (from && to ? `${key} (replaced)` : key),
  risk: (_, { restart, running }) =>
    restart && running ? { risk: 'disruptive', why: `${restart} starts again` } : { risk: 'additive' },
  commands: (_, changes) => inOrder(changes).flatMap(commandsOf),

  async write(ctx, { host }, changes) {
    const machine = ctx.host(host);
    for (const change of inOrder(changes)) {
      const { key, to } = change;
      // whole or not at all, which `install` is not
      if (to?.type === 'file') await machine.write(key, to.content, { mode: Number.parseInt(to.mode, 8) });
      for (const { argv } of commandsOf(change).slice(to?.type === 'file' ? 1 : 0)) await machine.run(argv);
    }
  },

  close: {
    needless: ({ restart }) => restart === undefined,
    id: ({ host, restart = '' }) => `restart:${host}/${restart}`,
    title: ({ restart = '' }) => `start ${restart} again`,
    commands: ({ restart = '' }) => [{ argv: tryRestart(restart) }],
    async act(ctx, { host, restart = '' }) {
      // 5: the unit went in the same run, and with it whoever would read the files
      await ctx.host(host).run(tryRestart(restart), { codes: [5], timeout: RESTART });
      return undefined;
    },
  },
});

/** Milliseconds: services that have much to stop take their time. */
const RESTART = 120_000;

/** One that does not run stays as it is. */
const tryRestart = (unit: string): readonly string[] => ['systemctl', 'try-restart', unit];

function claimOf(key: string, seen: HostFile, want: HostFile, replace: boolean): Claim {
  // what is in it and whose it is, is not for us to say
  if (seen.type === 'folder' && want.type === 'folder') return 'leave';
  if (seen.type !== want.type) return { conflict: `${key} is a ${seen.type === 'other' ? seen.is : seen.type}` };
  return replace ? 'take' : { conflict: `${key} is there already, with other content, and is not cpaas's` };
}

/** Folders before what is in them, and what is in them goes first. */
function inOrder(changes: readonly ElementChange<HostFile>[]): readonly ElementChange<HostFile>[] {
  const sorted = changes.toSorted((one, other) => (one.key < other.key ? -1 : 1));
  return [...sorted.filter(({ to }) => !to).reverse(), ...sorted.filter(({ to }) => to)];
}

function commandsOf({ key, from, to }: ElementChange<HostFile>): readonly Command[] {
  if (!to) return [{ argv: from?.type === 'folder' ? ['rmdir', '--', key] : ['rm', '-f', '--', key] }];
  const owner = 'owner' in to && to.owner ? [{ argv: ['chown', to.owner, '--', key] }] : [];
  if (to.type === 'folder') return [{ argv: ['mkdir', '-p', '-m', to.mode, '--', key] }, ...owner];
  if (to.type === 'file') return [{ argv: ['install', '-m', to.mode, '/dev/stdin', key], stdin: to.content }, ...owner];
  throw new Error(`${key}: a ${to.is} cannot be made`);
}
