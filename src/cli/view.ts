import { environmentOf } from '../ui/text/environment.ts';
import type { View } from '../ui/text/renderer.ts';
import { styleFor } from '../ui/text/style.ts';
import { advisedCommand, type ClusterOptions } from './advised-command.ts';
import type { Globals } from './globals.ts';
import type { Io } from './io.ts';

/** How text looks on one of the two streams. */
export async function viewOn(
  stream: 'stdout' | 'stderr',
  { color, verbose = false, ...cluster }: Pick<Globals, 'color' | 'verbose'> & ClusterOptions,
  io: Io,
): Promise<View> {
  const environment = environmentOf(io[stream], io.env, { noColor: !color });
  const as = (command: string): string => advisedCommand(command, cluster);
  return { style: await styleFor(environment), width: environment.width, verbose, as };
}
