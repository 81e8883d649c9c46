import { statSync } from 'node:fs';
import { readLines } from './append-only.ts';
import type { Checkpoint, Entry } from './journal-entry.ts';
import { emptyHistory, type History, replay } from './journal-history.ts';
import { archivePath, readEntries } from './journal-lines.ts';
import { replaceFile } from './whole-file.ts';

/** Bytes of a journal from which its beginning is put away: sooner when nothing is ours, since then nobody needs it but for reading. */
const LIMIT = { held: 1024 * 1024, nothing: 64 * 1024 };

/**
 * Puts the beginning of a long journal into a file of its own, so that a run reads the last ones only. What was ours at that moment
 * stays as the first line. The new parts are on disk before the old one is replaced: cut off in between, nothing has happened.
 */
export function putAway(path: string, { held }: History, run: string, at: string): void {
  const size = sizeOf(path);
  const limit = held.size > 0 ? LIMIT.held : LIMIT.nothing;
  if (size < limit) return;
  const lines = readLines(path);
  const { entries, newer } = readEntries(path);
  const [first] = entries;
  // where much is ours, what has to stay is long, too
  const stays = first?.type === 'checkpoint' ? Buffer.byteLength(lines[0] ?? '') : 0;
  const from = beginOfLast(entries, lines, limit / 4);
  if (newer || size < 4 * stays || from <= (stays > 0 ? 1 : 0)) return;
  const before = emptyHistory();
  for (const entry of entries.slice(0, from)) replay(before, entry);
  const archives = (first?.type === 'checkpoint' ? first.archives : 0) + 1;
  const checkpoint = JSON.stringify(checkpointOf(before, archives, run, at));
  replaceFile(archivePath(path, archives), text(lines.slice(0, from)));
  replaceFile(path, text([checkpoint, ...lines.slice(from)]));
}

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Where the last runs begin that are not longer than so many bytes; the last one stays, however long it is. */
function beginOfLast(entries: readonly Entry[], lines: readonly string[], bytes: number): number {
  let begin = entries.length;
  let size = 0;
  for (let at = entries.length - 1; at >= 0; at--) {
    size += Buffer.byteLength(lines[at] ?? '') + 1;
    if (entries[at]?.type !== 'run') continue;
    if (begin < entries.length && size > bytes) break;
    begin = at;
  }
  return begin;
}

function checkpointOf({ held }: History, archives: number, run: string, at: string): Checkpoint {
  const places = [...held.values()].map(({ elements, ...place }) => ({
    ...place,
    elements: [...elements].map(([key, { ours, adopted, ...rest }]) => ({
      ...{ key, ...rest, ours: ours.map((value) => ({ value })) },
      ...(adopted ? { adopted } : {}),
    })),
  }));
  return { v: 1, type: 'checkpoint', run, at, archives, held: places };
}
