import { chownSync, closeSync, openSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { replaceWhole } from './whole-file.ts';

/** Milliseconds that somebody else may be at work on the file. */
const PATIENCE = 3000;

/**
 * Edits a file of the user's with kubectl's manners: alone, by `<file>.lock`, as kubectl does; whole or not at all; 0600, and whose it
 * was before. A link stays one. Nothing is written where the text stays the same. Resolves with whether it was changed; `edit` hears
 * an empty text where there is no file. Rejects with what the file system says; with `EEXIST` while somebody else holds the lock.
 */
export async function editUserFile(path: string, edit: (text: string) => string): Promise<boolean> {
  const file = realPath(path);
  const release = await lock(`${file}.lock`);
  try {
    const before = textOf(file);
    const after = edit(before ?? '');
    if (after === (before ?? '')) return false;
    const owner = before === undefined ? undefined : statSync(file);
    replaceWhole(file, after);
    if (owner && owner.uid !== process.geteuid?.()) chownSync(file, owner.uid, owner.gid);
    return true;
  } finally {
    release();
  }
}

async function lock(path: string): Promise<() => void> {
  for (const end = Date.now() + PATIENCE; ; await pause(50))
    try {
      closeSync(openSync(path, 'wx', 0o600));
      return () => rmSync(path, { force: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // a folder that is not there yet has no file that somebody could be at
      if (code === 'ENOENT') return () => {};
      if (code !== 'EEXIST' || Date.now() > end) throw error;
    }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw error;
  }
}
