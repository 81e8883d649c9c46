import { basename, dirname } from 'node:path/posix';
import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import type { Command } from '../../core/step.ts';
import { Within } from '../../host/within.ts';

/** `source` is what is copied, `user` whose it is to be. */
const Place = z.strictObject({
  host: z.string(),
  path: z.string(),
  source: z.string(),
  user: z.string(),
  within: Within,
});
export type HostKubeconfigPlace = z.infer<typeof Place>;

const FILE = 'kubeconfig';
const FOLDER = 'folder';
const THERE = 'there';
/** Somebody else's things are in it. */
const USED = 'used';

/** The wish for a copy of a file that has this digest. What is in it is a secret, and goes nowhere. */
export const kubeconfigCopy = (sha256: string): readonly (readonly [string, string])[] => [
  [FOLDER, THERE],
  [FILE, sha256],
];

/**
 * A user's own kubeconfig on a host, as a copy of the cluster's, and the folder for it. One that the user has already is left, and one that
 * somebody has changed since; neither it nor a folder with anything in it is taken away.
 */
export const hostKubeconfig = defineStep<HostKubeconfigPlace, string>({
  kind: 'host.kubeconfig',
  place: Place,
  value: z.string(),
  undo: 'down',
  id: ({ host, path }) => `${host}${path}`,
  title: ({ path }) => path,
  host: ({ host }) => host,
  within: ({ within }) => within,
  // the cluster's may be another by now, which a copy follows as long as it is one
  claim: (key, seen, _, __, ___, { asLeft }) => (!seen || (asLeft && key === FILE) ? 'take' : 'leave'),
  describe: ({ key, from, to }) => (key === FILE && from && to ? 'kubeconfig (replaced)' : key),
  risk: () => ({ risk: 'additive' }),

  async read(ctx, { host, path }) {
    const [file, folder] = await ctx
      .host(host)
      .queryAll([
        reading(['sha256sum', '--', path], { codes: [1] }),
        reading(['ls', '-A', '--', dirname(path)], { codes: [1, 2] }),
      ]);
    const digest = /^\\?([0-9a-f]{64}) /.exec(file?.stdout ?? '')?.[1];
    const others = (folder?.stdout ?? '').split('\n').filter((name) => name !== '' && name !== basename(path));
    return new Map([
      ...(folder?.code === 0 ? [[FOLDER, { value: others.length > 0 ? USED : THERE }] as const] : []),
      ...(digest === undefined ? [] : [[FILE, { value: digest }] as const]),
    ]);
  },

  commands: ({ path, source, user }, changes) => {
    const folder = dirname(path);
    const of = (wanted: string) => changes.filter(({ key }) => key === wanted);
    const comes = (wanted: string, ...argvs: readonly (readonly string[])[]) =>
      of(wanted).some(({ to }) => to !== undefined) ? argvs.map((argv): Command => ({ argv })) : [];
    const goes = (wanted: string, argv: readonly string[]): readonly Command[] =>
      of(wanted).some(({ to }) => to === undefined) ? [{ argv }] : [];
    return [
      ...comes(FOLDER, ['install', '-d', '-o', user, folder]),
      ...comes(FILE, ['install', '-m', '600', '-o', user, source, path]),
      ...goes(FILE, ['rm', '-f', '--', path]),
      ...goes(FOLDER, ['rmdir', '--ignore-fail-on-non-empty', folder]),
    ];
  },
});
