import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { keeping, writeWhole } from './disk.ts';
import { makeFolder, syncFolder } from './folder.ts';

/** Replaces a file of the user's alone, whole or not at all, also when the power fails. Rejects with `STATE.WRITE`. */
export const replaceFile = (path: string, content: string): void => keeping(path, () => replaceWhole(path, content));

/** The same; what the file system refuses is thrown as it says it. */
export function replaceWhole(path: string, content: string): void {
  makeFolder(dirname(path));
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeWhole(file, content, 0);
    fsyncSync(file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}
