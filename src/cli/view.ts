import { environmentOf } from '../ui/text/environment.ts';
import type { View } from '../ui/text/renderer.ts';
import { styleFor } from '../ui/text/style.ts';
import { type Aim, callable } from './advised-command.ts';
import type { Globals } from './globals.ts';
import type { Io } from './io.ts';

/** How text looks on one of the two streams. */
export async function viewOn(
  stream: 'stdout' | 'stderr',
  { color, verbose = false, ...aim }: Pick<Globals, 'color' | 'verbose'> & Aim,
  io: Io,
): Promise<View> {
  const environment = environmentOf(io[stream], io.env, { noColor: !color });
  const as = (command: string): string => callable(command, aim);
  return { style: await styleFor(environment), width: environment.width, verbose, as };
}
