import { z } from 'zod';
import { reading } from '../core/reading.ts';
import type { Query } from '../core/transport.ts';
import { parseAnswer } from './answer.ts';

/** Bytes that nobody uses: in the volume group, and in the volume beyond its file system. */
export const UnusedValue = z.strictObject({ group: z.number(), volume: z.number() });
export type Unused = z.infer<typeof UnusedValue>;

export interface RootVolume {
  /** `/dev/mapper/ubuntu--vg-ubuntu--lv`. */
  readonly path: string;
  readonly type: 'ext4' | 'xfs';
  readonly unused: Unused;
}

/** How a file system takes all of its volume, while it is mounted. */
export const RESIZERS: Readonly<Record<RootVolume['type'], (path: string) => readonly string[]>> = {
  ext4: (path) => ['resize2fs', path],
  xfs: () => ['xfs_growfs', '/'],
};

const Mounted = z.object({ filesystems: z.array(z.object({ source: z.string(), fstype: z.string() })).min(1) });
const number = z.coerce.number();
const Volumes = z.object({
  report: z.array(
    z.object({
      lv: z.array(z.object({ lv_dm_path: z.string(), lv_size: number, vg_free: number, vg_extent_size: number })),
    }),
  ),
});

const LVS = [
  'lvs',
  '--reportformat',
  'json',
  '--units',
  'b',
  '--nosuffix',
  '-o',
  'lv_dm_path,lv_size,vg_free,vg_extent_size',
];

/** The logical volume under /; nothing where there is none that cpaas can grow. */
export async function lookAtVolume(machine: Query): Promise<RootVolume | undefined> {
  const [mounted, volumes] = await machine.queryAll([
    reading(['findmnt', '-J', '-o', 'SOURCE,FSTYPE', '/']),
    reading(LVS, { codes: [5, 127] }),
  ]);
  const [root] = parseAnswer(Mounted, mounted?.stdout ?? '', 'HOST.ANSWER', `findmnt on ${machine.name}`).filesystems;
  if (!root || volumes?.code !== 0 || (root.fstype !== 'ext4' && root.fstype !== 'xfs')) return undefined;
  const all = parseAnswer(Volumes, volumes.stdout, 'HOST.ANSWER', `lvs on ${machine.name}`).report.flatMap(
    ({ lv }) => lv,
  );
  const under = all.find(({ lv_dm_path }) => lv_dm_path === root.source);
  if (!under) return undefined;
  const size = await sizeOf(machine, root.fstype, root.source);
  const whole = (bytes: number) => (bytes >= under.vg_extent_size ? bytes : 0);
  return {
    path: root.source,
    type: root.fstype,
    unused: { group: whole(under.vg_free), volume: whole(under.lv_size - size) },
  };
}

/** Bytes of a file system, its own tables included: `df` leaves those out. */
async function sizeOf(machine: Query, type: RootVolume['type'], path: string): Promise<number> {
  const argv = type === 'ext4' ? ['env', 'LC_ALL=C', 'dumpe2fs', '-h', path] : ['xfs_info', '/'];
  const { stdout } = await machine.query(reading(argv));
  const [count, size] =
    type === 'ext4'
      ? [/^Block count: +(\d+)/m.exec(stdout)?.[1], /^Block size: +(\d+)/m.exec(stdout)?.[1]]
      : [/^data .*blocks=(\d+)/m.exec(stdout)?.[1], /^data .*bsize=(\d+)/m.exec(stdout)?.[1]];
  return Number(count) * Number(size);
}
