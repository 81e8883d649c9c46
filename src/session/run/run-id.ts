import type { Journal } from '../../core/journal.ts';

/**
 * `20261122-141502`: when the run began, in UTC. A run of the same second is told apart; and one that begins before the last one, by a
 * clock that was put back, is counted on from that: no two runs have one name.
 */
export function newRunId(journal: Pick<Journal, 'runs'>, now: Date = new Date()): string {
  const id = now
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/[-:]/g, '')
    .replace('T', '-');
  const [day = '', second = '', number = '0'] = journal.runs().at(-1)?.run.split('-') ?? [];
  const last = `${day}-${second}`;
  return id > last ? id : `${last}-${Number(number) + 1}`;
}
