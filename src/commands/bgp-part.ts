import { type Only, onlyKinds } from '../engine/only.ts';

/** Kinds of steps that are about BGP, at the routers and in the cluster. */
const ROUTER = /^bigip\./;
const CLUSTER = /^calico\.bgp-/;

/** The part of a plan that `bgp peer` and `bgp unpeer` are about; the routers alone where the cluster is left out. */
export const bgpPart = ({ cluster = true }: { readonly cluster?: boolean }): Only =>
  onlyKinds((kind) => ROUTER.test(kind) || (cluster && CLUSTER.test(kind)));
