import { hostname, userInfo } from 'node:os';
import type { Globals } from '../../cli/globals.ts';
import type { Io } from '../../cli/io.ts';
import { version } from '../../cli/version.ts';
import type { RunCommand, RunRecord } from '../../core/journal.ts';
import { logFileListener } from '../../ui/progress/log-file.ts';
import { openSession, type Session } from '../session.ts';
import type { SessionOptions } from '../target.ts';
import { mustKnowAll } from './known-kinds.ts';
import { newRunId } from './run-id.ts';

/** A session that may change things: it holds the cluster's lock, and its run has an id and a log. */
export interface Run extends Session {
  readonly run: string;
  /** In whose name the journal says that it was done. */
  readonly who: Pick<RunRecord, 'user' | 'machine'>;
  /** Ends this run as failed and begins, under the same lock, the one that undoes it. */
  beginUndo(): void;
}

export async function openRun(
  globals: Globals,
  io: Io,
  command: RunCommand,
  options: SessionOptions = {},
): Promise<Run> {
  const session = await openSession(globals, io, { ...options, lock: command });
  try {
    return begin(session, globals, command);
  } catch (error) {
    await session.close();
    throw error;
  }
}

function begin(session: Session, globals: Globals, command: RunCommand): Run {
  const { paths, engine, name, reporter } = session;
  const run = newRunId(engine.journal);
  const who = { user: userInfo().username, machine: hostname(), version: version() };
  engine.journal.begin({ run, command, ...who });
  if (command !== 'forget') mustKnowAll(engine);
  const redact = (text: string): string => reporter.secrets.redact(text);
  for (const path of [paths.log(run), ...(globals.logFile === undefined ? [] : [globals.logFile])])
    reporter.addListener(logFileListener({ path, redact }));
  engine.emit({ type: 'run.start', run, command, cluster: name });
  const beginUndo = (): void => {
    engine.journal.end('failed');
    const undo = newRunId(engine.journal);
    engine.journal.begin({ run: undo, command: 'rollback', ...who, undoes: run });
    engine.emit({ type: 'run.start', run: undo, command: 'rollback', cluster: name });
  };
  return { ...session, run, who, beginUndo };
}
