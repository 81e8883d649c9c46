import { environmentOf } from '../ui/environment.ts';
import type { View } from '../ui/renderer.ts';
import { styleFor } from '../ui/style.ts';
import type { Globals } from './globals.ts';
import type { Io } from './io.ts';

/** How text looks on one of the two streams. */
export async function viewOn(
  stream: 'stdout' | 'stderr',
  { color, verbose = false }: Pick<Globals, 'color' | 'verbose'>,
  io: Io,
): Promise<View> {
  const environment = environmentOf(io[stream], io.env, { noColor: !color });
  return { style: await styleFor(environment), width: environment.width, verbose };
}
