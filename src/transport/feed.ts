import { Readable, type Writable } from 'node:stream';
import type { ExecOptions } from '../core/transport.ts';

/**
 * Gives a program what it is to read. What is not text is read as fast as the program takes it; where it cannot be read to its end, the
 * program is given less, and has to notice by the size.
 */
export function feed(into: Writable, stdin: ExecOptions['stdin'] = ''): void {
  if (typeof stdin === 'string') {
    into.end(stdin);
    return;
  }
  const from = Readable.from(stdin.open(), { objectMode: false });
  from.on('error', () => into.end());
  // a program that leaves before it has read everything leaves the rest unread
  into.on('close', () => from.destroy());
  into.on('error', () => from.destroy());
  from.pipe(into);
}
