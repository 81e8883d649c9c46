import type { Facts } from '../core/facts.ts';
import type { RouterPlace } from '../facts/router-target.ts';
import type { Session } from './session.ts';

/** The routers that a command is about: the file's, or those of the flags. */
export async function routersOf(
  { blueprint, adhoc }: Pick<Session, 'blueprint' | 'adhoc'>,
  facts: Facts,
): Promise<readonly RouterPlace[]> {
  if (blueprint) return blueprint.routers;
  return adhoc ? facts.get(adhoc.units) : [];
}
