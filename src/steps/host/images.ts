import { z } from 'zod';
import type { Writer } from '../../core/context.ts';
import { defineStep } from '../../core/define-step.ts';
import { CpaasError } from '../../core/errors.ts';
import { reading } from '../../core/reading.ts';

/** `node`: a kubelet runs there, and clears up. */
const Place = z.strictObject({ host: z.string(), node: z.boolean().optional() });
export type HostImagesPlace = z.infer<typeof Place>;

/** Where a kubelet's containerd has its images. */
const CTR = ['ctr', '--namespace', 'k8s.io', 'images'] as const;
/** Beside what becomes of them: the disk has to hold both. */
const FOLDER = '/var/lib/containerd';
/** Milliseconds: archives are unpacked layer by layer. */
const IMPORT = 600_000;

/**
 * Images in a host's containerd by their names, from the archives of a bundle. They are not taken away again: pods may use them by then,
 * and the kubelet removes what is not used when room is short. What it has removed is not missed: it would be removed again.
 */
export const hostImages = defineStep<HostImagesPlace, true>({
  kind: 'host.images',
  place: Place,
  value: z.literal(true),
  undo: 'never',
  id: ({ host }) => host,
  title: () => 'Images',
  host: ({ host }) => host,
  claim: (_, __, ___, ____, { node }, { cause }) => (node && cause === 'drift' ? 'leave' : 'take'),
  risk: () => ({ risk: 'additive' }),

  async read(ctx, { host }, keys) {
    // without a containerd, or with one that does not run yet, there are none
    const { stdout } = await ctx.host(host).query(reading([...CTR, 'list', '--quiet'], { codes: [1, 127] }));
    const there = new Set(stdout.split('\n'));
    return new Map([...keys].filter((name) => there.has(name)).map((name) => [name, { value: true }]));
  },

  commands: (_, changes) =>
    changes.some(({ to }) => to) ? [{ argv: [...CTR, 'import', `${FOLDER}/<archives of the bundle>`] }] : [],

  async write(ctx, { host }, changes) {
    const wanted = changes.flatMap(({ key, to }) => (to ? [key] : []));
    const names = await ctx.artifacts.imageNames();
    const archives = new Set(wanted.map((name) => names.get(name) ?? missing(name)));
    await importArchives(ctx, host, archives);
  },
});

async function importArchives(ctx: Writer, host: string, wanted: ReadonlySet<string>): Promise<void> {
  const machine = ctx.host(host);
  for (const archive of await ctx.artifacts.images()) {
    if (!wanted.has(archive.sha256)) continue;
    ctx.progress(`images of ${archive.name}`);
    const path = `${FOLDER}/cpaas-${archive.sha256.slice(0, 12)}.tar`;
    try {
      await machine.write(path, archive, { mode: 0o600 });
      await machine.run([...CTR, 'import', path], { timeout: IMPORT });
    } finally {
      await machine.run(['rm', '-f', '--', path]);
    }
  }
}

function missing(name: string): never {
  throw new CpaasError('ARTIFACT.IMAGE', `the image ${name} is in no archive of the bundle any more`, {
    next: [{ label: 'bring the bundle in again', command: 'cpaas bundle load FILE' }],
  });
}
