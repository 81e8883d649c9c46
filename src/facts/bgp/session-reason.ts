import type { BirdSession } from '../../kube/bird-protocols.ts';
import type { BigipNeighbor } from '../bigip/neighbors.ts';
import type { RouterPlace } from '../router-target.ts';

/** A session that is not up, with what each end says of it. */
export interface Down {
  readonly router: Pick<RouterPlace, 'name' | 'address'>;
  /** The other end: a node, another router, or an address of which no more is known. */
  readonly far: { readonly name: string; readonly address: string; readonly kind: 'node' | 'router' | 'address' };
  /** `Established`, a state on the way there, `absent`, `unknown`. */
  readonly atRouter: string;
  readonly atFar: string;
  /** Why an end cannot be asked. */
  readonly routerUnknown?: string;
  readonly farUnknown?: string;
  /** What the router says of the neighbor. */
  readonly neighbor?: BigipNeighbor;
  /** What BIRD says of the router, and the AS that the node speaks from. */
  readonly bird?: BirdSession;
  readonly farAs?: number;
}

const TRIES: ReadonlySet<string> = new Set(['Active', 'Connect']);
const GREETS: ReadonlySet<string> = new Set(['OpenSent', 'OpenConfirm']);

/** Why a session is not up. Nothing is said here that neither of the ends says. */
export function reasonOf(down: Down): string {
  return missingEnd(down) ?? otherAs(down) ?? saidByFar(down) ?? saidByRouter(down) ?? states(down);
}

/** Where an end does not have the session at all, or cannot be asked, that is all there is to say. */
function missingEnd({ router, far, atRouter, atFar, routerUnknown, farUnknown }: Down): string | undefined {
  if (routerUnknown !== undefined) return routerUnknown;
  if (atRouter === 'absent' && atFar === 'absent') return 'configured at neither end';
  if (atRouter === 'absent') return `${router.name} has no neighbor ${far.address}`;
  if (atFar !== 'absent') return farUnknown;
  return far.kind === 'node'
    ? `the cluster has no BGPPeer for ${router.address}`
    : `${far.name} has no neighbor ${router.address}`;
}

/** Each end expects an AS of the other, and refuses whoever comes from another one. */
function otherAs({ router, far, neighbor, bird, farAs }: Down): string | undefined {
  const expected = bird?.neighborAs;
  if (neighbor && expected !== undefined && expected !== neighbor.localAs)
    return `AS mismatch: ${far.name} expects ${router.name} in AS ${expected}, which is in AS ${neighbor.localAs}`;
  if (neighbor && farAs !== undefined && farAs !== neighbor.remoteAs)
    return `AS mismatch: ${router.name} expects ${far.name} in AS ${neighbor.remoteAs}, which is in AS ${farAs}`;
  return undefined;
}

/** What BIRD has met when it last tried. */
function saidByFar({ router, far, bird, atFar }: Down): string | undefined {
  const error = bird?.error;
  if (atFar === 'Down') return `BIRD on ${far.name} has it switched off`;
  if (error === undefined) return undefined;
  if (/refused/i.test(error)) return `${router.name} refuses tcp 179: its port lockdown, or BGP does not run there`;
  if (/timed? ?out|unreachable|no route/i.test(error))
    return `nothing answers on tcp 179 at ${router.address}: ${error.replace(/^Socket: /, '')}`;
  const received = /^Received: (.+)/.exec(error)?.[1];
  return received ? `${router.name} ended it: ${received}` : `BIRD on ${far.name} says: ${error}`;
}

function saidByRouter({ router, neighbor, atRouter }: Down): string | undefined {
  if (neighbor?.lastReset !== undefined) return `${router.name} lost it: ${neighbor.lastReset}`;
  if (atRouter === 'unknown') return `${router.name} says of it what cpaas cannot read`;
  return undefined;
}

function states({ router, far, atRouter, atFar, neighbor }: Down): string {
  const word = atRouter.replace(/ ?\(.*/, '');
  if (TRIES.has(word) && TRIES.has(atFar)) return 'both ends try, and nothing answers on tcp 179';
  if (GREETS.has(word) || GREETS.has(atFar)) return `on the way up: ${far.name} ${atFar}, ${router.name} ${atRouter}`;
  if (far.kind === 'address' && TRIES.has(word))
    return `${router.name} tries${neighbor?.established === 0 ? '; no session ever came up' : ''}`;
  if (word === 'Idle') return `${router.name} does not try: ${atRouter}`;
  return far.kind === 'address'
    ? `${router.name} says ${atRouter}`
    : `${far.name} says ${atFar}, ${router.name} says ${atRouter}`;
}
