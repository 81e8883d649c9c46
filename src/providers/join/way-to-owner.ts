import type { BigipPath } from '../../facts/bigip/routes.ts';

/**
 * Whether a router's way to a pod block leads to the node that owns it, or will as soon as this run has taken away the neighbors that
 * are no nodes any more: of those, graceful restart keeps what they last said, and it may be in force until then. `isNode` tells
 * addresses of nodes from others. What is a remainder of the owner's own session that is gone does not count.
 */
export function leadsToOwner(
  owner: string,
  paths: readonly BigipPath[],
  isNode: (address: string) => boolean,
): boolean {
  const told = paths.some(({ nextHop, valid, stale }) => nextHop === owner && valid && !stale);
  const inForce = paths.find(({ best }) => best);
  if (!told || !inForce) return false;
  return inForce.nextHop === owner || (inForce.stale && !isNode(inForce.nextHop));
}
