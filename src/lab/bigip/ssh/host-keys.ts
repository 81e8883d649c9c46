import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { UnitPaths } from '../unit/paths.ts';

const run = promisify(execFile);
const TYPES = ['ed25519', 'rsa'] as const;

/** Makes the unit's host keys once in its life and puts them where its sshd looks. */
export async function ensureHostKeys(paths: UnitPaths): Promise<void> {
  await mkdir(paths.hostKeys, { recursive: true, mode: 0o700 });
  await mkdir(join(paths.files, 'etc', 'ssh'), { recursive: true });
  for (const type of TYPES) {
    const name = `ssh_host_${type}_key`;
    const key = join(paths.hostKeys, name);
    await ensureKey(key, type);
    await copyFile(key, join(paths.files, 'etc', 'ssh', name));
  }
}

/** Makes a key pair without a passphrase unless it is there. The private half comes last: whoever finds it finds both. */
export async function ensureKey(path: string, type: 'ed25519' | 'rsa', comment = ''): Promise<void> {
  if ((await stat(path).catch(() => undefined)) !== undefined) return;
  const fresh = `${path}.new`;
  // ssh-keygen would ask whether to overwrite what a crash has left.
  await rm(fresh, { force: true });
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  await run('ssh-keygen', ['-q', '-t', type, ...bits, '-N', '', '-C', comment, '-f', fresh]);
  await rename(`${fresh}.pub`, `${path}.pub`);
  await rename(fresh, path);
}

/** Sets the lines of one unit in a known_hosts file, under its address, and leaves the others. */
export async function writeKnownHosts(file: string, address: string, paths: UnitPaths): Promise<void> {
  const present = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  const others = present.filter((line) => !line.startsWith(`${address} `));
  const keys = await Promise.all(
    TYPES.map(async (type) => {
      const text = await readFile(join(paths.hostKeys, `ssh_host_${type}_key.pub`), 'utf8');
      return `${address} ${text.trim().split(' ').slice(0, 2).join(' ')}`;
    }),
  );
  await writeFile(file, [...others, ...keys, ''].join('\n'));
}
