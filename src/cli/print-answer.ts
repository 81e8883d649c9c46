import { printDocument } from '../ui/output/print.ts';
import type { Answer } from './command.ts';
import type { Globals } from './globals.ts';
import type { Io } from './io.ts';
import { reportError } from './report-error.ts';
import { viewOn } from './view.ts';

/** stdout gets the document, or its text; what went wrong on the way is prose, so it goes to stderr. */
export async function printAnswer(answer: Answer, globals: Globals, io: Io): Promise<void> {
  const { kind, data, text, failure } = answer;
  const view = await viewOn('stdout', globals, io);
  await printDocument(kind, data, { format: globals.output, text: () => text(view), stdout: io.stdout });
  if (failure) await reportError(failure, globals, io);
}
