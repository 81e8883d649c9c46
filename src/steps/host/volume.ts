import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import type { Command, ElementChange } from '../../core/step.ts';
import { lookAtVolume, RESIZERS, type Unused, UnusedValue } from '../../host/volume.ts';
import { Within } from '../../host/within.ts';

const Place = z.strictObject({ host: z.string(), within: Within });
export type HostVolumePlace = z.infer<typeof Place>;

/** The wish for a root file system over all of its volume group. */
export const wholeVolume: readonly (readonly [string, Unused])[] = [['/', { group: 0, volume: 0 }]];

/** The root file system of a host on its logical volume, by how many bytes it could still grow. It only grows: nothing puts it back. */
export const hostVolume = defineStep<HostVolumePlace, Unused>({
  kind: 'host.volume',
  place: Place,
  value: UnusedValue,
  undo: 'never',
  adoptable: false,
  id: ({ host }) => host,
  title: () => 'Root volume',
  host: ({ host }) => host,
  within: ({ within }) => within,
  claim: (_, seen) =>
    seen
      ? 'take'
      : { conflict: 'the root file system is not ext4 or xfs on a logical volume of LVM: it cannot be grown' },
  describe: ({ key, from }) => `${key} grows by ${gibibytes((from?.group ?? 0) + (from?.volume ?? 0))}`,
  risk: () => ({ risk: 'destructive', why: 'the root file system grows, and cannot be made smaller again' }),

  async read(ctx, { host }, keys) {
    const volume = keys.has('/') ? await lookAtVolume(ctx.host(host)) : undefined;
    return new Map(volume ? [['/', { value: volume.unused }]] : []);
  },

  commands: (_, changes) => commandsOf(changes, '<volume>', ['<resize2fs or xfs_growfs>', '<volume>']),

  async write(ctx, { host }, changes) {
    const machine = ctx.host(host);
    const volume = changes.length > 0 ? await lookAtVolume(machine) : undefined;
    if (!volume) return;
    // what is left to do by now: it may have been cut off between the two
    const left = changes.map((change) => ({ ...change, from: volume.unused }));
    for (const { argv } of commandsOf(left, volume.path, RESIZERS[volume.type](volume.path)))
      await machine.run(argv, { timeout: GROW });
  },
});

/** Milliseconds. */
const GROW = 600_000;

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

const commandsOf = (
  changes: readonly ElementChange<Unused>[],
  path: string,
  resize: readonly string[],
): readonly Command[] =>
  changes.flatMap(({ from }) => [
    ...((from?.group ?? 0) > 0 ? [{ argv: ['lvextend', '-l', '+100%FREE', path] }] : []),
    { argv: resize },
  ]);
