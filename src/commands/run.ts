import { hostname, userInfo } from 'node:os';
import type { RunCommand } from '../core/journal.ts';
import { logFileListener } from '../ui/log-file.ts';
import type { Globals } from './globals.ts';
import type { Io } from './io.ts';
import { newRun } from './run-id.ts';
import { openSession, type Session } from './session.ts';
import type { SessionOptions } from './target.ts';

/** A session that may change things: it holds the cluster's lock, and its run has an id and a log. */
export interface Run extends Session {
  readonly run: string;
}

export async function openRun(
  globals: Globals,
  io: Io,
  command: RunCommand,
  options: SessionOptions = {},
): Promise<Run> {
  const session = await openSession(globals, io, { ...options, lock: command });
  const { paths, engine, name, hearing } = session;
  const run = newRun(engine.journal);
  const redact = (text: string): string => hearing.secrets.redact(text);
  for (const path of [paths.log(run), ...(globals.logFile === undefined ? [] : [globals.logFile])])
    hearing.listen(logFileListener({ path, redact }));
  engine.journal.begin({ run, command, user: userInfo().username, machine: hostname() });
  engine.emit({ type: 'run.start', run, command, cluster: name });
  return { ...session, run };
}
