import { wrap } from '../text/columns.ts';
import type { View } from '../text/renderer.ts';

/** More nodes than this are not named. */
const NAMED = 5;

/** The nodes that nobody peers with: no fault, and said lest somebody waits for their sessions. */
export function leftOutLines(names: readonly string[], { style, width, verbose }: View): readonly string[] {
  if (names.length === 0) return [];
  const named = verbose ? names : names.slice(0, NAMED);
  const rest = names.length > named.length ? ` and ${names.length - named.length} more (-v names them)` : '';
  const [first = '', ...more] = wrap(
    `not peered with, nothing of Calico is there: ${named.join(', ')}${rest}`,
    width,
    4,
  );
  return [first, ...more].map((line, at) => style.dim(at === 0 ? `  ${line}` : line));
}
