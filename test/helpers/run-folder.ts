import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const before = process.env['TMPDIR'];
let folder: string | undefined;

/** What a run of the tests puts into the folder for temporary files, its workers and the programs it starts too, comes into one. */
export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-'));
  // as the one it is in: not all of it is done by the same user
  chmodSync(folder, 0o1777);
  process.env['TMPDIR'] = folder;
}

/** That folder goes, whatever the tests have left in it. */
export function teardown(): void {
  if (folder === undefined) return;
  // a test that failed may have left something mounted there: what that holds is not ours to remove
  for (const mounted of mountsIn(folder).toReversed()) execFileSync('umount', ['--lazy', mounted]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  folder = undefined;
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
}

/** Where file systems are mounted in a folder, in the order that they were. */
function mountsIn(folder: string): readonly string[] {
  try {
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
    return mounts.map((line) => line.split(' ')[1] ?? '').filter((path) => path.startsWith(`${folder}/`));
  } catch {
    // Not Linux: nothing is mounted.
    return [];
  }
}
