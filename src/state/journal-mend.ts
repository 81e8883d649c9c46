import { appendFileSync } from 'node:fs';
import { readLines } from './append-only.ts';
import { keeping } from './disk.ts';
import { isEntry } from './journal-lines.ts';
import { replaceFile } from './whole-file.ts';

/** A line that was taken out of a journal. */
export interface DamagedLine {
  readonly line: number;
  readonly text: string;
}

/**
 * Takes the lines out of a journal that cannot be understood, and keeps them in a file beside it. What they said is not known from then
 * on: an element whose intent was lost is nobody's.
 */
export function mendJournal(path: string): { readonly damaged: readonly DamagedLine[]; readonly kept: string } {
  const lines = readLines(path);
  const damaged = lines.flatMap((text, at) => (isEntry(text, path) ? [] : [{ line: at + 1, text }]));
  const kept = `${path}.damaged`;
  if (damaged.length > 0) {
    keeping(kept, () =>
      appendFileSync(kept, damaged.map(({ text }) => `${text}\n`).join(''), { mode: 0o600, flush: true }),
    );
    const out = new Set(damaged.map(({ line }) => line));
    replaceFile(path, lines.flatMap((text, at) => (out.has(at + 1) ? [] : [`${text}\n`])).join(''));
  }
  return { damaged, kept };
}
