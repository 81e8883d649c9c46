import { ndjsonListener } from '../ui/progress/ndjson.ts';
import { type ErrorScreen, errorText } from '../ui/screens/error.ts';
import type { ClusterOptions } from './advised-command.ts';
import type { Globals } from './globals.ts';
import type { Io } from './io.ts';
import { viewOn } from './view.ts';

/** Tells on stderr what went wrong: in words; or as an event, where a program follows and stderr holds nothing else. */
export async function reportError(
  screen: ErrorScreen,
  globals: Pick<Globals, 'progress' | 'color'> & ClusterOptions,
  io: Io,
): Promise<void> {
  if (globals.progress !== 'json') {
    io.stderr.write(`${errorText(screen, await viewOn('stderr', globals, io))}\n`);
    return;
  }
  const { error, redact = (text) => text } = screen;
  ndjsonListener({ stream: io.stderr, redact })({ type: 'error', error });
}
