import { clipStyled } from '../text/columns.ts';
import type { Screen } from '../text/environment.ts';
import { type DocumentKind, printNext, writeOut } from './print.ts';

/** Looks again and again, `seconds` after each answer, until the signal; the first time at once. */
export async function* every<T>(seconds: number, look: () => Promise<T>, signal: AbortSignal): AsyncGenerator<T> {
  const { setTimeout: wait } = await import('node:timers/promises');
  while (!signal.aborted) {
    try {
      yield await look();
      await wait(seconds * 1000, undefined, { signal });
    } catch (error) {
      // cut off in the middle of a look: the end that was asked for
      if (!signal.aborted) throw error;
    }
  }
}

/**
 * Shows each text in the place of the one before, without leaving the normal screen: what was there last stays. Not on a terminal,
 * they come one after another. Returns when they end or nobody reads any more.
 */
export async function watchText(frames: AsyncIterable<string>, stdout: Screen = process.stdout): Promise<void> {
  let drawn = 0;
  for await (const frame of frames) {
    const text = stdout.isTTY ? redraw(frame, drawn, stdout) : `${frame}\n\n`;
    if (!(await writeOut(text, stdout))) return;
    drawn = text.split('\n').length - 1;
  }
}

/** Goes back over what was drawn and draws anew. A line that wrapped, or one scrolled away, could not be gone back over: both are cut. */
function redraw(
  frame: string,
  drawn: number,
  { columns = 80, rows = 24 }: Screen & { readonly rows?: number },
): string {
  const lines = frame.split('\n');
  const shown = lines.length < rows ? lines : [...lines.slice(0, rows - 2), `… ${lines.length - rows + 2} more lines`];
  const back = drawn > 0 ? `\u001b[${drawn}A\r\u001b[J` : '';
  return back + shown.map((line) => `${clipStyled(line, columns)}\n`).join('');
}

/** Prints each document, for programs. */
export async function watchDocuments(
  kind: DocumentKind,
  documents: AsyncIterable<object>,
  format: 'json' | 'yaml',
  stdout: NodeJS.WritableStream = process.stdout,
): Promise<void> {
  for await (const document of documents) if (!(await printNext(kind, document, format, stdout))) return;
}
