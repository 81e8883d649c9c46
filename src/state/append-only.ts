import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { keeping, readText, writeWhole } from './disk.ts';
import { makeFolder, syncFolder } from './folder.ts';

const NEWLINE = 0x0a;

/** The whole lines of a file; a last line without its end was torn by a power cut and is no line. */
export const readLines = (path: string): readonly string[] => (readText(path) ?? '').split('\n').slice(0, -1);

/**
 * Adds a line so that it survives a power cut from here on, and takes away a torn one before it. Rejects with `STATE.WRITE` when it is
 * not on disk whole.
 */
export const appendLine = (path: string, line: string): void => keeping(path, () => append(path, line));

function append(path: string, line: string): void {
  const isNew = !existsSync(path);
  if (isNew) makeFolder(dirname(path));
  const file = openSync(path, isNew ? 'ax+' : 'r+', 0o600);
  try {
    const end = wholeLines(file, path);
    ftruncateSync(file, end);
    writeWhole(file, `${line}\n`, end);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  if (isNew) syncFolder(dirname(path));
}

/** Bytes up to the end of the last whole line. Only a torn file is read whole. */
function wholeLines(file: number, path: string): number {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  if (size > 0) readSync(file, last, 0, 1, size - 1);
  return size === 0 || last[0] === NEWLINE ? size : readFileSync(path).lastIndexOf(NEWLINE) + 1;
}
