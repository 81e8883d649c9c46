import type { Writer } from '../../../core/context.ts';
import { revealing } from '../config/passwords.ts';
import type { RouteDomainPlace } from '../place.ts';
import { configure } from './conversation.ts';
import { type Push, readBack, takenBack } from './push.ts';

type Where = Pick<RouteDomainPlace, 'host' | 'routeDomain'>;

/**
 * Types lines at a unit where nothing can be armed, and takes them back from here whatever goes wrong. What is meant was written to the journal
 * before, so what a client leaves that dies is unfinished to the next run, and `cpaas rollback` knows what was there.
 */
export async function pushFromHere(ctx: Writer, where: Where, change: Push): Promise<void> {
  const { lines, undo, changes, password } = change;
  const { name } = ctx.host(where.host);
  const reveal = await revealing(ctx, name, [...lines, ...undo], changes, password);
  try {
    const accepted = (typed: number) =>
      ctx.progress(`${typed} of ${lines.length} lines · taken back from here if it fails`);
    await configure(ctx, where, lines, { accepted, reveal });
    await readBack(ctx, where, change);
  } catch (error) {
    const taking = {
      act: () => configure(ctx, where, undo, { reveal, goOn: true }),
      otherwise: () => `${name} cannot be reached to take the change back: cpaas rollback does, cpaas bgp peer goes on`,
    };
    throw await takenBack(ctx, where, change, taking, error);
  }
}
