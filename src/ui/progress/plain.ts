import type { Event } from '../../core/events.ts';
import { mapStrings } from '../text/harmless.ts';
import type { Style } from '../text/style.ts';
import { eventText } from './event-text.ts';
import { folded, type Tell } from './folded.ts';
import { listener, type UiListener } from './listener.ts';

export interface PlainOptions {
  readonly stream: NodeJS.WritableStream;
  readonly style: Style;
  /** Also the commands sent, and when each step starts. */
  readonly verbose: boolean;
  readonly redact: (text: string) => string;
  readonly now?: () => Date;
}

/**
 * One line an event with the time of day: for logs of others, and where there is no terminal. What many hosts come to alike is one line
 * for all of them, unless everything was asked for.
 */
export function plainListener({ stream, style, verbose, redact, now = () => new Date() }: PlainOptions): UiListener {
  const write = (line: string): void => {
    const time = style.dim(now().toTimeString().slice(0, 8));
    stream.write(`${style.encode(`${time} ${line}`)}\n`);
  };
  const tell: Tell = (event, took) => {
    const { detail, lines } = eventText(event, redact, took);
    if (detail && !verbose) return;
    const paint = colour(event, style);
    for (const line of lines) write(paint(line));
  };
  if (verbose) return listener((event) => tell(event));
  const { hear, flush } = folded(tell, (text) => write(style.dim(text)));
  // secrets go first: without the host's name they would no longer be known
  return listener(
    (event) => hear('error' in event ? event : mapStrings(event, redact)),
    async () => flush(),
  );
}

function colour({ type }: Event, style: Style): (text: string) => string {
  if (type === 'step.failed' || type === 'host.lost') return style.wrong;
  if (type === 'warning') return style.change;
  if (type === 'step.satisfied' || type === 'command' || type === 'step.start') return style.dim;
  return (text) => text;
}
