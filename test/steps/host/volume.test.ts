import { describe, expect, test } from 'vitest';
import { reconcile } from '../../../src/core/reconcile.ts';
import { hostVolume, wholeVolume } from '../../../src/steps/host/volume.ts';
import { type FakeMachine, fakeContext, Power } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const MiB = 2 ** 20;
const EXTENT = 4 * MiB;
const PATH = '/dev/mapper/ubuntu--vg-ubuntu--lv';

interface Disk {
  fstype: string;
  source: string;
  file: number;
  volume: number;
  free: number;
}

function world(other: Partial<Disk> = {}) {
  const disk: Disk = { fstype: 'ext4', source: PATH, file: 100 * MiB, volume: 100 * MiB, free: 60 * MiB, ...other };
  const power = new Power();
  const resized = (): string => {
    power.spend();
    disk.file = disk.volume;
    return '';
  };
  const programs: FakeMachine['programs'] = {
    findmnt: () => JSON.stringify({ filesystems: [{ source: disk.source, fstype: disk.fstype }] }),
    lvs: () => {
      const row = { lv_dm_path: PATH, lv_size: `${disk.volume}`, vg_free: `${disk.free}`, vg_extent_size: `${EXTENT}` };
      return JSON.stringify({ report: [{ lv: [row] }] });
    },
    env: () =>
      `Filesystem volume name:   <none>\nBlock count:              ${disk.file / 4096}\nBlock size:               4096\n`,
    xfs_info: () =>
      `meta-data=${PATH} isize=512\ndata     =                       bsize=4096   blocks=${disk.file / 4096}, imaxpct=25\nlog =internal bsize=4096 blocks=2560\n`,
    lvextend: ([, , path]) => {
      if (path !== PATH || disk.free < EXTENT) return { code: 5, stderr: 'New size matches existing size.\n' };
      power.spend();
      disk.volume += disk.free;
      disk.free = 0;
      return '';
    },
    resize2fs: ([path]) =>
      disk.fstype === 'ext4' && path === PATH ? resized() : { code: 1, stderr: 'Bad magic number in super-block\n' },
    xfs_growfs: ([path]) =>
      disk.fstype === 'xfs' && path === '/' ? resized() : { code: 1, stderr: 'is not a mounted XFS filesystem\n' },
  };
  const machines = { vm: { name: 'vm', programs } };
  return { power, machines, dump: () => ({ ...disk }) };
}

describe.each(['ext4', 'xfs'])('on %s', (fstype) => {
  // which volume it is, and which program, is known when it is done
  stepLaws('host.volume', {
    step: hostVolume,
    place: { host: 'vm' },
    world: () => world({ fstype }),
    wishes: [wholeVolume],
    verbatim: false,
  });
});

const look = async (disk: Partial<Disk>) => {
  const step = hostVolume({ host: 'vm' }, wholeVolume);
  return reconcile(step, await step.read(fakeContext(world(disk).machines), new Set(['/'])), new Map());
};

test('says how much it grows, and that it cannot be undone', async () => {
  const step = hostVolume({ host: 'vm' }, wholeVolume);
  const { changes } = await look({ free: 10 * 2 ** 30 });
  expect(changes.map(step.describe)).toEqual(['/ grows by 10.0 GiB']);
  expect(changes.map(step.risk)).toEqual([
    { risk: 'destructive', why: 'the root file system grows, and cannot be made smaller again' },
  ]);
  expect(step.undo).toBe('never');
});

test('a volume that was made larger and whose file system was not is one more thing to do', async () => {
  expect((await look({ free: 0, volume: 160 * MiB })).changes).toHaveLength(1);
  expect((await look({ free: EXTENT - 1 })).changes).toEqual([]);
});

test('what it cannot grow is a conflict', async () => {
  for (const disk of [{ source: '/dev/sda1' }, { fstype: 'btrfs' }])
    expect((await look(disk)).conflicts).toHaveLength(1);
});
