import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactFile } from '../core/artifacts.ts';
import { baseFolder } from '../process/base-folder.ts';
import { keeping } from './failures.ts';

/** Where the artifacts of all clusters are: `$XDG_CACHE_HOME/cpaas`, else `~/.cache/cpaas`. */
export const cacheRoot = (env: NodeJS.ProcessEnv): string => join(baseFolder('XDG_CACHE_HOME', env), 'cpaas');

/**
 * Files by their digest, shared by all clusters and runs of a user. A file is under its digest only when it has that digest; it comes
 * there by a rename, so that no run meets half a file, and two that bring the same one do no harm. Folders are 0700, files 0600.
 *
 *     sha256/<digest>       files
 *     known/<path>          what other things are known to be: digests of programs in archives, of what has no pinned digest
 *     partial/<key>         downloads that broke off; <key>.<pid>-<random> while a process is at them
 */
export class Cache {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  path = (sha256: string): string => join(this.root, 'sha256', sha256);

  /** The file with this digest, looked at anew; one that has changed since it came is removed. */
  async get(sha256: string): Promise<ArtifactFile | undefined> {
    const path = this.path(sha256);
    if (!existsSync(path)) return undefined;
    return keeping(path, async () => {
      if ((await digestOf(path)) === sha256) return await fileAt(path, sha256);
      await rm(path, { force: true });
      return undefined;
    });
  }

  /** Whether there is such a file, without a look at what is in it. */
  has = (sha256: string): boolean => existsSync(this.path(sha256));

  /** Moves a file to its digest's place. Its content must be on its way no more. */
  async put(from: string, sha256: string): Promise<ArtifactFile> {
    const path = this.path(sha256);
    return keeping(path, async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await open(from, 'r');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(from, path);
      return await fileAt(path, sha256);
    });
  }

  /** A text kept under a name, such as a digest; nothing where there is none. */
  recall = (...words: readonly string[]): Promise<string | undefined> =>
    readFile(join(this.root, 'known', ...words), 'utf8').catch(() => undefined);

  async remember(text: string, ...words: readonly string[]): Promise<void> {
    const path = join(this.root, 'known', ...words);
    await keeping(path, async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const temporary = `${path}.${ownName()}`;
      await writeFile(temporary, text, { mode: 0o600 });
      await rename(temporary, path);
    });
  }

  /**
   * A file of this process's own to download into, which begins with what an earlier download of the same had left. `leave` gives it back
   * for the next one; `discard` removes it.
   */
  async partial(key: string): Promise<Partial> {
    const folder = join(this.root, 'partial');
    const rest = join(folder, createHash('sha256').update(key).digest('hex').slice(0, 32));
    const own = `${rest}.${ownName()}`;
    await keeping(own, () => mkdir(folder, { recursive: true, mode: 0o700 }));
    for (const left of [rest, ...(await orphans(rest))]) if (await moved(left, own)) break;
    return {
      path: own,
      leave: async () => void (await moved(own, rest)),
      discard: async () => {
        await rm(own, { force: true });
        await rm(`${own}.etag`, { force: true });
      },
    };
  }
}

export interface Partial {
  readonly path: string;
  leave(): Promise<void>;
  discard(): Promise<void>;
}

const ownName = (): string => `${process.pid}-${randomBytes(4).toString('hex')}`;

/** What processes were at that have died since. A number that another process has by now only costs a download from the start. */
async function orphans(rest: string): Promise<readonly string[]> {
  const folder = dirname(rest);
  const name = rest.slice(folder.length + 1);
  const files = await readdir(folder).catch(() => []);
  return files
    .filter((file) => {
      const [, pid] = new RegExp(`^${name}\\.(\\d+)-[0-9a-f]+$`).exec(file) ?? [];
      return pid !== undefined && !alive(Number(pid));
    })
    .map((file) => join(folder, file));
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Moves a download with its validator; false where another process was quicker. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
  } catch {
    return false;
  }
  await rename(`${from}.etag`, `${to}.etag`).catch(() => rm(`${to}.etag`, { force: true }));
  return true;
}

/** The sha256 of a file, in 64 hexadecimal digits. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** A file of this machine whose digest is known. */
export async function fileAt(path: string, sha256: string): Promise<ArtifactFile> {
  const { size } = await stat(path);
  return { path, sha256, size, open: () => createReadStream(path) };
}
