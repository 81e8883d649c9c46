import { z } from 'zod';
import { Within } from '../../host/within.ts';

/**
 * A BIG-IP in the journal: enough to find it again without the cluster file. `host` is its key in the host table; `unit` is what makes
 * it itself (its serial, or the fingerprint of its host key); `cluster` is the name that marks of ours carry.
 */
export const UnitPlace = z.strictObject({
  host: z.string(),
  unit: z.string(),
  cluster: z.string(),
  within: Within,
});
export type UnitPlace = z.infer<typeof UnitPlace>;

/** One of a unit's route domains, by its number. */
export const RouteDomainPlace = UnitPlace.extend({ routeDomain: z.number().int().min(0).max(65534) });
export type RouteDomainPlace = z.infer<typeof RouteDomainPlace>;

/** What descriptions of our things on a unit say. */
export const markOf = (cluster: string): string => `cpaas:${cluster}`;

/** Whose a thing is by its description; nothing when no cpaas has put it there. */
export function ownerOf(description: string | undefined, cluster: string): 'ours' | 'other' | undefined {
  if (description === undefined || !description.startsWith('cpaas:')) return undefined;
  return description === markOf(cluster) ? 'ours' : 'other';
}
