import type { Journal } from '../core/journal.ts';
import { appendLine } from './append-only.ts';
import { putAway } from './journal-archive.ts';
import { Entry } from './journal-entry.ts';
import { emptyHistory, type History, replay } from './journal-history.ts';
import { archivePath, readEntries } from './journal-lines.ts';

export interface JournalOptions {
  /** Whether runs are wanted whose entries were put away long ago. */
  readonly whole?: boolean;
  readonly now?: () => Date;
}

/**
 * Append-only, one JSON object a line, each flushed to disk before the change it announces. Ownership is what replaying it gives.
 * A last line that a power cut tore is ignored and overwritten; damage anywhere else is refused with `JOURNAL.CORRUPT`. What a later
 * cpaas wrote is passed over by whoever only reads.
 */
export function fileJournal(path: string, { whole = false, now = () => new Date() }: JournalOptions = {}): Journal {
  const { history, newer } = load(path, whole);
  let opening: Entry | undefined;
  let run = '';
  const append = (entry: Entry): void => {
    if (opening) {
      const start = opening;
      opening = undefined;
      putAway(path, history, run, at());
      append(start);
    }
    const line = JSON.stringify(entry);
    appendLine(path, line);
    // replayed from the text, so that what is in memory is what the next process will read
    replay(history, Entry.parse(JSON.parse(line)));
  };
  const at = (): string => now().toISOString();

  return {
    begin: ({ run: id, command, user, machine, version, undoes }) => {
      if (newer) throw newer;
      run = id;
      opening = {
        v: 1,
        type: 'run',
        run,
        at: at(),
        command,
        user,
        machine,
        ...(version === undefined ? {} : { version }),
        ...(undoes === undefined ? {} : { undoes }),
      };
    },
    intend: ({ step, kind, place, host, within, phase }, changes, closing) => {
      const elements = changes.map(({ key, before, from, to, adopted }) => ({
        ...{ key, before, from, to },
        ...(adopted ? { adopted } : {}),
      }));
      const closes = closing ? { closing } : {};
      append({
        v: 1,
        type: 'intent',
        run,
        at: at(),
        step,
        kind,
        place,
        host,
        ...(within ? { within } : {}),
        phase,
        ...closes,
        elements,
      });
    },
    settle: (step, keys) => append({ v: 1, type: 'settled', run, at: at(), step, keys: [...keys] }),
    release: (step, keys) => append({ v: 1, type: 'released', run, at: at(), step, keys: [...keys] }),
    closed: (step) => append({ v: 1, type: 'closed', run, at: at(), step }),
    end: (outcome, seconds) => {
      const open = history.runs.get(run);
      const time = seconds === undefined ? {} : { seconds: Math.round(seconds * 1000) / 1000 };
      if (!opening && open && open.outcome === undefined)
        append({ v: 1, type: 'ended', run, at: at(), outcome, ...time });
    },
    holdings: () => [...history.held.values()],
    holding: (step) => history.held.get(step),
    runs: () => [...history.runs.values()],
    newer,
  };
}

function load(path: string, whole: boolean) {
  const live = readEntries(path);
  const [first] = live.entries;
  const archives = whole && first?.type === 'checkpoint' ? first.archives : 0;
  const history: History = emptyHistory();
  for (let number = 1; number <= archives; number++)
    for (const entry of readEntries(archivePath(path, number)).entries) replay(history, entry);
  for (const entry of live.entries) replay(history, entry);
  return { history, newer: live.newer };
}
