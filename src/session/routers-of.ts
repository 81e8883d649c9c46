import type { Facts } from '../core/facts.ts';
import type { AskedRouter } from '../facts/bgp/session-ends.ts';
import type { RouterPlace } from '../facts/router-target.ts';
import type { Adhoc } from '../providers/adhoc/adhoc.ts';
import type { Session } from './session.ts';

/** The routers that a command is about: the file's, or those of the flags. */
export async function routersOf(
  { blueprint, adhoc }: Pick<Session, 'blueprint' | 'adhoc'>,
  facts: Facts,
): Promise<readonly RouterPlace[]> {
  if (blueprint) return blueprint.routers;
  return adhoc ? facts.get(adhoc.units) : [];
}

/** The units of the flags. Which self-IP it is that neighbors peer with has to be known only where nodes are asked about it. */
export async function unitsOf(
  { kube, units }: Adhoc,
  facts: Facts,
  ends: 'both' | 'routers',
): Promise<readonly AskedRouter[]> {
  const found = await facts.get(units);
  if (kube && ends === 'both') return found;
  return found.map(({ failure, ...unit }) =>
    failure && failure.code !== 'BIGIP.NO_SELF_IP' ? { ...unit, failure } : unit,
  );
}
