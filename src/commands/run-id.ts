import type { Journal } from '../core/journal.ts';

/** `20261122-141502`: when the run began, in UTC; told apart from a run of the same second. */
export function newRun(journal: Journal, now: Date = new Date()): string {
  const id = now
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/[-:]/g, '')
    .replace('T', '-');
  const taken = new Set(journal.runs().map(({ run }) => run));
  for (let n = 2; ; n++) {
    const candidate = n === 2 ? id : `${id}-${n - 1}`;
    if (!taken.has(candidate)) return candidate;
  }
}
