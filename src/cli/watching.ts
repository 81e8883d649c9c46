import { every, watchDocuments, watchText } from '../ui/output/watch.ts';
import type { Renderer } from '../ui/text/renderer.ts';
import type { Call, ExitOnly } from './command.ts';
import { viewOn } from './view.ts';

const SECONDS = 2;

/** Shows something again and again until Ctrl-C: a text in its place, or one document a line. */
export async function watching<Document extends object>(
  { options, io }: Call,
  look: () => Promise<Document>,
  kind: string,
  render: Renderer<Document>,
): Promise<ExitOnly> {
  const looks = every(SECONDS, look, io.interrupted);
  if (options.output === 'text') {
    const view = await viewOn('stdout', options, io);
    await watchText(
      texts(looks, (document) => render(document, view)),
      io.stdout as NodeJS.WriteStream,
    );
  } else await watchDocuments(kind, looks, options.output, io.stdout);
  // the terminal has shown ^C, and the shell's prompt is to come below it
  if (io.interrupted.aborted && io.stderr.isTTY) io.stderr.write('\n');
  return { exit: 0 };
}

async function* texts<T>(looks: AsyncIterable<T>, render: (document: T) => string): AsyncGenerator<string> {
  for await (const document of looks) yield render(document);
}
