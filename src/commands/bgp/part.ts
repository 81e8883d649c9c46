import { UNREACHABLE } from '../../core/plan.ts';
import { type Only, onlyKinds } from '../../engine/only.ts';
import { keepsOthers } from '../../providers/adhoc/keeps.ts';
import type { SessionOptions } from '../../session/target.ts';

/** Kinds of steps that are about BGP, at the routers and in the cluster. */
const ROUTER = /^bigip\./;
const CLUSTER = /^calico\.bgp-/;

/** The part of a plan that `bgp peer` and `bgp unpeer` are about; the routers alone where the cluster is left out. */
export const bgpPart = ({ cluster = true }: { readonly cluster?: boolean }): Only =>
  onlyKinds((kind) => ROUTER.test(kind) || kind === UNREACHABLE || (cluster && CLUSTER.test(kind)));

/** A file is all there is; flags are about one call's neighbors, and what other calls have made stays. */
export const keeping = ({ adhoc }: SessionOptions) => (adhoc ? { keeps: keepsOthers } : {});
