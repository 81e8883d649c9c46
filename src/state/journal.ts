import { CpaasError } from '../core/errors.ts';
import type { Journal } from '../core/journal.ts';
import { appendLine, readLines } from './append-only.ts';
import { Entry } from './journal-entry.ts';
import { type History, replay } from './journal-history.ts';

/**
 * Append-only, one JSON object a line, each flushed to disk before the change it announces. Ownership is what replaying it gives.
 * A last line that a power cut tore is ignored and overwritten; damage anywhere else is refused with `JOURNAL.CORRUPT`.
 */
export function fileJournal(path: string, now: () => Date = () => new Date()): Journal {
  const history: History = { held: new Map(), runs: new Map() };
  for (const [at, line] of readLines(path).entries()) replay(history, parse(line, path, at + 1));

  let opening: Entry | undefined;
  let run = '';
  const append = (entry: Entry): void => {
    if (opening) {
      const start = opening;
      opening = undefined;
      append(start);
    }
    const line = JSON.stringify(entry);
    appendLine(path, line);
    // replayed from the text, so that what is in memory is what the next process will read
    replay(history, Entry.parse(JSON.parse(line)));
  };
  const at = (): string => now().toISOString();

  return {
    begin: ({ run: id, command, user, machine, undoes }) => {
      run = id;
      opening = {
        v: 1,
        type: 'run',
        run,
        at: at(),
        command,
        user,
        machine,
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
    end: (outcome) => {
      const open = history.runs.get(run);
      if (!opening && open && open.outcome === undefined) append({ v: 1, type: 'ended', run, at: at(), outcome });
    },
    holdings: () => [...history.held.values()],
    holding: (step) => history.held.get(step),
    runs: () => [...history.runs.values()],
  };
}

function parse(line: string, path: string, number: number): Entry {
  try {
    return Entry.parse(JSON.parse(line));
  } catch (cause) {
    throw new CpaasError('JOURNAL.CORRUPT', `${path}:${number} is not an entry of a journal`, {
      cause,
      evidence: [{ label: 'line', text: line.slice(0, 200) }],
      next: [{ label: 'mend or remove that line; what it said is then not known to cpaas any more' }],
    });
  }
}
