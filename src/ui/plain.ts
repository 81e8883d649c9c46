import type { Event } from '../core/events.ts';
import { eventText } from './event-text.ts';
import { listener, type UiListener } from './listener.ts';
import type { Style } from './style.ts';

export interface PlainOptions {
  readonly stream: NodeJS.WritableStream;
  readonly style: Style;
  /** Also the commands sent, and when each step starts. */
  readonly verbose: boolean;
  readonly redact: (text: string) => string;
  readonly now?: () => Date;
}

/** One line an event with the time of day: for logs of others, and where there is no terminal. */
export function plainListener({ stream, style, verbose, redact, now = () => new Date() }: PlainOptions): UiListener {
  return listener((event) => {
    const { detail, lines } = eventText(event, redact);
    if (detail && !verbose) return;
    const time = style.dim(now().toTimeString().slice(0, 8));
    const paint = colour(event, style);
    for (const line of lines) stream.write(`${style.encode(`${time} ${paint(line)}`)}\n`);
  });
}

function colour({ type }: Event, style: Style): (text: string) => string {
  if (type === 'step.failed' || type === 'host.lost') return style.wrong;
  if (type === 'warning') return style.change;
  if (type === 'step.satisfied' || type === 'command' || type === 'step.start') return style.dim;
  return (text) => text;
}
