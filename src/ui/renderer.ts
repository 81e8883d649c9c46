import { harmlessText, mapStrings } from './harmless.ts';
import type { Style } from './style.ts';

/** How a document is looked at. `width` in columns. */
export interface View {
  readonly style: Style;
  readonly width: number;
  readonly verbose?: boolean;
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
