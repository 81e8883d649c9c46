import type { Screen } from '../text/environment.ts';
import type { View } from '../text/renderer.ts';

/** Where a person is asked. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** stderr: stdout is for data. */
  readonly output: Screen;
  readonly view: View;
  readonly signal?: AbortSignal;
}
