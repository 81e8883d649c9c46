import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { reconcile } from '../../src/core/reconcile.ts';
import { hostVolume, wholeVolume } from '../../src/steps/host/volume.ts';
import { fakeContext } from '../helpers/fake-host.ts';
import { type LoopRoot, loopRoot } from '../helpers/machines/loop-root.ts';

// Real file systems grow while they are somebody's root; of LVM there are stand-ins, so that no device mapper is needed.

const MiB = 2 ** 20;

/** Whether this process has a capability, by its number (linux/capability.h). */
function isCapable(number: number): boolean {
  const [, effective = '0'] = /^CapEff:\s+(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return ((BigInt(`0x${effective}`) >> BigInt(number)) & 1n) === 1n;
}
const SYS_RESOURCE = 24;

/** Why this cannot be tried here. */
const missing: Readonly<Record<'ext4' | 'xfs', string | undefined>> = {
  // growing an ext4 that is mounted asks for a capability that root need not have
  ext4: isCapable(SYS_RESOURCE) ? undefined : 'root may not resize ext4 here (CAP_SYS_RESOURCE)',
  xfs: existsSync('/usr/sbin/mkfs.xfs') ? undefined : 'there is no mkfs.xfs',
};
for (const [type, why] of Object.entries(missing)) if (why) console.warn(`skipped: ${type} that grows: ${why}`);

describe.each(['ext4', 'xfs'] as const)('the root file system, %s', (type) => {
  let root: LoopRoot | undefined;
  afterEach(() => root?.remove());

  async function grown(volume: LoopRoot): Promise<readonly string[]> {
    const ctx = fakeContext({ vm: volume.machine });
    const step = hostVolume({ host: 'vm' }, wholeVolume);
    const { changes, conflicts } = reconcile(step, await step.read(ctx, new Set(['/'])), new Map());
    expect(conflicts).toEqual([]);
    if (changes.length > 0) await step.write(ctx, changes);
    return ctx.sent.map(({ argv }) => argv[0] ?? '');
  }
  const size = (volume: LoopRoot): number =>
    Number(volume.ask('df', '--block-size=1', '--output=size', '/').split('\n')[1]);

  test.skipIf(missing[type])('takes what is free, with everything in it, and then nothing more', async () => {
    root = await loopRoot(type);
    root.ask('sh', '-c', 'echo kept >/file');
    const before = size(root);
    expect(await grown(root)).toEqual([]);
    root.free(256 * MiB);
    expect(await grown(root)).toEqual(['lvextend', type === 'xfs' ? 'xfs_growfs' : 'resize2fs']);
    expect(size(root) - before).toBeGreaterThan(240 * MiB);
    expect(root.ask('cat', '/file')).toBe('kept\n');
    expect(await grown(root)).toEqual([]);
  });

  test.skipIf(missing[type])('that was cut off behind a larger volume takes the rest of it', async () => {
    root = await loopRoot(type);
    root.free(64 * MiB);
    const volume = root.ask('findmnt', '-n', '-o', 'SOURCE', '/').trim();
    root.ask('lvextend', '-l', '+100%FREE', volume);
    expect(await grown(root)).toEqual([type === 'xfs' ? 'xfs_growfs' : 'resize2fs']);
    expect(await grown(root)).toEqual([]);
  });
});
