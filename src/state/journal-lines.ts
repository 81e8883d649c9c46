import { CpaasError } from '../core/errors.ts';
import { readLines } from './append-only.ts';
import { Entry, VERSION, Version } from './journal-entry.ts';

/** Where the beginning of a journal is put: `journal.1.ndjson` for the oldest part. */
export const archivePath = (journal: string, number: number): string =>
  journal.replace(/(\.ndjson)?$/, `.${number}.ndjson`);

/** What the lines of one file of a journal say. Rejects with `JOURNAL.CORRUPT`. */
export function readEntries(path: string): { readonly entries: readonly Entry[]; readonly newer?: CpaasError } {
  const read = readLines(path).map((line, at) => parse(line, path, at + 1));
  const entries = read.filter((each): each is Entry => !(each instanceof CpaasError));
  const newer = read.find((each) => each instanceof CpaasError);
  return { entries, ...(newer instanceof CpaasError ? { newer } : {}) };
}

/** An entry, or why a later cpaas has to be asked. */
function parse(text: string, path: string, number: number): Entry | CpaasError {
  try {
    const json: unknown = JSON.parse(text);
    const { v } = Version.parse(json);
    return v > VERSION ? newer(path, number, v) : Entry.parse(json);
  } catch (cause) {
    throw new CpaasError('JOURNAL.CORRUPT', `${path}:${number} is not an entry of a journal`, {
      cause,
      evidence: [{ label: 'line', text: text.slice(0, 200) }],
      next: [{ label: 'sets such lines aside; what they said is then looked at by hand', command: 'cpaas runs mend' }],
    });
  }
}

/** Whether a line can be understood, by this cpaas or by a later one. */
export function isEntry(text: string, path: string): boolean {
  try {
    parse(text, path, 0);
    return true;
  } catch {
    return false;
  }
}

const newer = (path: string, number: number, v: number): CpaasError =>
  new CpaasError('JOURNAL.NEWER', `a later cpaas has written to the journal of this cluster`, {
    evidence: [{ label: 'entry', text: `${path}:${number}, of version ${v}; this cpaas knows ${VERSION}` }],
    next: [{ label: 'use that cpaas: this one cannot know what is ours, and changes nothing' }],
  });
