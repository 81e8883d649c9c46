import type { Event } from '../../core/events.ts';
import { failures } from '../text/failures.ts';
import { mapStrings } from '../text/harmless.ts';
import { jsonLine } from '../text/json.ts';
import { listener, type UiListener } from './listener.ts';

export interface NdjsonOptions {
  readonly stream: NodeJS.WritableStream;
  readonly redact: (text: string) => string;
  readonly now?: () => Date;
}

/** Each event as one line of JSON: `{time, type, …}`. For programs that follow a run. */
export function ndjsonListener({ stream, redact, now = () => new Date() }: NdjsonOptions): UiListener {
  return listener((event) => {
    const line = { time: now().toISOString(), ...serializable(event) };
    stream.write(`${jsonLine(mapStrings(line, redact))}\n`);
  });
}

/** Errors become `{code, message}`; several at once, `{code, message, also}` with the others. */
function serializable(event: Event): object {
  if (!('error' in event)) return event;
  const [first, ...also] = failures(event.error).map(({ code = 'BUG', message }) => ({ code, message }));
  return { ...event, error: also.length > 0 ? { ...first, also } : first };
}
