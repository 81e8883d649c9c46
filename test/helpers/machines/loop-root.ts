import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { FakeMachine } from '../fake-host.ts';

/** Bytes: the least that mkfs.xfs makes. */
const SIZE = 320 * 2 ** 20;
const EXTENT = 4 * 2 ** 20;
const STAND_INS = '/stand-ins';

/**
 * A file system on a loop device, mounted and the root of whoever is asked here, with this computer's programs in it. LVM is a stand-in,
 * since a kernel without device mapper has none: `lvs` tells the loop device as a logical volume, `lvextend` makes it larger.
 */
export interface LoopRoot {
  readonly machine: FakeMachine;
  /** Bytes that are free in the volume group. */
  free(bytes: number): void;
  /** Runs a program there. */
  ask(...argv: readonly string[]): string;
  remove(): Promise<void>;
}

export async function loopRoot(type: 'ext4' | 'xfs'): Promise<LoopRoot> {
  const folder = mkdtempSync(join(tmpdir(), 'cpaas-volume-'));
  const [root, bin] = [join(folder, 'root'), join(folder, 'bin')];
  for (const path of [root, bin]) mkdirSync(path);
  const image = join(bin, 'image');
  writeFileSync(image, '');
  truncateSync(image, SIZE);
  const loop = (await execa('losetup', ['--find', '--show', image])).stdout;
  await execa(`mkfs.${type}`, ['-q', loop]);
  writeStandIns(bin, loop);
  const free = (bytes: number) => writeFileSync(join(bin, 'free'), `${bytes}`);
  free(0);
  // a mount namespace that goes with its process, so that nothing of this computer sees the mount
  const holder = execa('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', FURNISH, loop, root, bin], {
    reject: false,
    stdout: ['pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve());
    void holder.then(({ stderr }) => reject(new Error(`the file system is not mounted: ${stderr}`)));
  });
  const within = [`--mount=/proc/${holder.pid}/ns/mnt`, 'chroot', root, 'env', `PATH=${STAND_INS}:/usr/sbin:/usr/bin`];
  const run = (argv: readonly string[]) => spawnSync('nsenter', [...within, ...argv], { encoding: 'utf8' });
  const program = (name: string) => (args: readonly string[]) => {
    const { status, stdout, stderr } = run([name, ...args]);
    return { code: status ?? -1, stdout, stderr };
  };
  const names = ['findmnt', 'lvs', 'lvextend', 'env', 'resize2fs', 'xfs_info', 'xfs_growfs'];
  return {
    machine: { name: 'vm', programs: Object.fromEntries(names.map((name) => [name, program(name)])) },
    free,
    ask: (...argv) => {
      const { status, stdout, stderr } = run(argv);
      if (status !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
      return stdout;
    },
    remove: async () => {
      holder.kill('SIGKILL');
      await holder.catch(() => {});
      await execa('losetup', ['--detach', loop]);
      rmSync(folder, { recursive: true });
    },
  };
}

const FURNISH = `set -e
mount "$0" "$1"
mkdir -p "$1/usr" "$1/proc" "$1/dev" "$1${STAND_INS}" "$1/etc"
for name in bin sbin lib lib64; do [ ! -L "/$name" ] || ln -s "usr/$name" "$1/$name"; done
mount --rbind -o ro /usr "$1/usr"
mount --rbind /dev "$1/dev"
mount -t proc proc "$1/proc"
mount --bind "$2" "$1${STAND_INS}"
echo ready
exec sleep infinity`;

function writeStandIns(bin: string, loop: string): void {
  const row = `{"lv_dm_path":"${loop}","lv_size":"%s","vg_free":"%s","vg_extent_size":"${EXTENT}"}`;
  const lvs = `printf '{"report":[{"lv":[${row}]}]}' "$(blockdev --getsize64 ${loop})" "$(cat ${STAND_INS}/free)"`;
  // as the real one, it refuses where nothing is free
  const lvextend = `[ "$*" = "-l +100%FREE ${loop}" ] && [ "$(cat ${STAND_INS}/free)" -ge ${EXTENT} ] || { echo "New size matches existing size." >&2; exit 5; }
truncate -s "+$(cat ${STAND_INS}/free)" ${STAND_INS}/image && losetup -c ${loop} && echo 0 >${STAND_INS}/free`;
  for (const [name, script] of Object.entries({ lvs, lvextend }))
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}
