import type { Globals } from '../cli/globals.ts';
import type { Io } from '../cli/io.ts';
import { CpaasError } from '../core/errors.ts';
import type { Event, Listener } from '../core/events.ts';
import type { Secrets } from '../core/secret.ts';
import { proxyPasswords } from '../net/proxies.ts';
import { createSecrets } from '../transport/secrets.ts';
import { progressListener } from '../ui/progress/choose.ts';
import { broadcast, type UiListener } from '../ui/progress/listener.ts';

/** Who is told what happens, and what they must not be told. */
export interface Reporter {
  readonly emit: Listener;
  readonly secrets: Secrets;
  addListener(more: UiListener): void;
  close(): Promise<void>;
}

/** The progress that the user has chosen; a log and others can be added. */
export async function openReporter(globals: Globals, io: Io, phases: readonly string[]): Promise<Reporter> {
  const logs: UiListener[] = [];
  let progress: UiListener | undefined;
  const warned = new Set<string>();
  const emit = (event: Event): void => {
    // a run looks more than once, and each look meets the same
    if (event.type === 'warning' && !event.afresh && warned.has(event.text)) return;
    if (event.type === 'warning') warned.add(event.text);
    broadcast([...(progress ? [progress] : []), ...logs])(event);
  };
  const terminal = io.stdin.isTTY === true && io.stderr.isTTY === true;
  const hide = proxyPasswords(io.env);
  const secrets = createSecrets({ env: io.env, emit, terminal, signal: io.interrupted, hide });
  progress = await progressListener({
    progress: globals.progress,
    verbose: globals.verbose ?? false,
    noColor: !globals.color,
    redact: (text) => secrets.redact(text),
    phases,
    stream: io.stderr as NodeJS.WriteStream,
    env: io.env,
  });
  return {
    emit,
    secrets,
    addListener: (more) => {
      logs.push(more);
    },
    close: async () => {
      const ends = await Promise.allSettled(logs.map((each) => each.close()));
      // a log that is not complete is no reason to lose what the run came to
      for (const end of ends) if (end.status === 'rejected') progress?.(warning(end.reason));
      await progress?.close();
    },
  };
}

function warning(error: unknown): Event {
  if (!(error instanceof CpaasError)) throw error;
  return { type: 'warning', text: `${error.code} ${error.message}` };
}
