import { closeSync, fchmodSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { CpaasError } from '../../core/errors.ts';
import type { Event } from '../../core/events.ts';
import { failures } from '../text/failures.ts';
import { harmlessText } from '../text/harmless.ts';
import { eventText } from './event-text.ts';
import { listener, type UiListener } from './listener.ts';

export interface LogFileOptions {
  /** `runs/<id>.log`. Made at the first event, readable by its owner alone. */
  readonly path: string;
  readonly redact: (text: string) => string;
  readonly now?: () => Date;
}

/**
 * Everything that happens, with full times and every command, appended to a file. Written at once, so that a killed run has its log.
 * A log that cannot be written does not stop a run: `close` rejects with `LOG.WRITE`.
 */
export function logFileListener({ path, redact, now = () => new Date() }: LogFileOptions): UiListener {
  let file: number | undefined;
  let failure: unknown;
  const hear = (event: Event) => {
    if (failure !== undefined) return;
    const time = now().toISOString();
    const text = [...eventText(event, redact).lines, ...stacks(event, redact)]
      .map((line) => `${time} ${line}\n`)
      .join('');
    try {
      file ??= open(path);
      writeSync(file, text);
    } catch (error) {
      failure = error;
    }
  };
  return listener(hear, async () => {
    if (file !== undefined) closeSync(file);
    file = undefined;
    if (failure === undefined) return;
    throw new CpaasError('LOG.WRITE', `the log of this run is not complete: ${path} cannot be written`, {
      cause: failure,
    });
  });
}

function open(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(path, 'a', 0o600);
  fchmodSync(file, 0o600);
  return file;
}

/** Where a bug was thrown. */
const stacks = (event: Event, redact: LogFileOptions['redact']): readonly string[] =>
  'error' in event
    ? failures(event.error, redact).flatMap(({ stack }) => (stack ? harmlessText(stack).split('\n') : []))
    : [];
