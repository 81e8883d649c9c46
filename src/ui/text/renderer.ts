import { environmentOf, type Screen, type Variables } from './environment.ts';
import { harmlessText, mapStrings } from './harmless.ts';
import { type Style, styleFor } from './style.ts';

/** How a document is looked at. `width` in columns. */
export interface View {
  readonly style: Style;
  readonly width: number;
  readonly verbose?: boolean;
  /** A command of cpaas that is advised, with what it takes to be about the same cluster; as it is where nobody says. */
  readonly as?: (command: string) => string;
}

/** Draws a document as text: lines without a line feed at the end. */
export type Renderer<Document> = (document: Document, view: View) => string;

/**
 * The gate of every renderer. On the way in, text from devices and files loses whatever could move the cursor; on the way out, signs
 * become ASCII where the terminal is not UTF-8.
 */
export function renderer<Document>(draw: (document: Document, view: View) => readonly string[]): Renderer<Document> {
  return (document, view) => {
    const lines = draw(mapStrings(document, harmlessText), view);
    return view.style.encode(lines.map((line) => line.trimEnd()).join('\n'));
  };
}

export interface ViewOptions {
  readonly noColor?: boolean;
  readonly verbose?: boolean;
}

/** The view of one stream: its width, and what the user and the terminal allow there. */
export async function viewOf(
  stream: Pick<Screen, 'isTTY' | 'columns'>,
  env: Variables,
  { noColor = false, verbose = false }: ViewOptions = {},
): Promise<View> {
  const environment = environmentOf(stream, env, { noColor });
  return { style: await styleFor(environment), width: environment.width, verbose };
}
