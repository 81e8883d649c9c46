import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What takes long to make and serves every run: root file systems, packages, the key that machines let in. */
export const CACHE = process.env['CPAAS_MACHINES'] ?? join(homedir(), '.cache', 'cpaas-machines');

const ROOTFS = fileURLToPath(new URL('rootfs.sh', import.meta.url));

/** Folder of a root file system of a Debian release with further packages; a minute or two the first time. */
export function rootfs(release = 'bookworm', packages: readonly string[] = []): string {
  const out = execFileSync(ROOTFS, [CACHE, release, ...packages], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return out.trim();
}
