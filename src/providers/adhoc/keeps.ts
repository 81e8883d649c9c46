import type { Holding } from '../../core/journal.ts';
import type { ReconcileOptions } from '../../core/reconcile.ts';
import { subjectOf } from '../../routers/bigip/config/lines.ts';
import { bigipBgp } from '../../steps/bigip/bgp.ts';
import { calicoBgpPeers } from '../../steps/calico/bgp-peers.ts';

type Keeps = NonNullable<ReconcileOptions['keeps']>;

/** A call adds to what other calls have made; it takes away only what stands in the way of a neighbor or group of its own. */
export const keepsOthers: Keeps = ({ want }, key) => {
  const name = subjectOf(key)?.name;
  return name === undefined || ![...want.keys()].some((wanted) => subjectOf(wanted)?.name === name);
};

/** Everything but some neighbors. */
export const keepsBut =
  (neighbors: ReadonlySet<string>): Keeps =>
  (_, key) =>
    !neighbors.has(subjectOf(key)?.name ?? '');

/** Of a cluster's end all but the peers of these addresses; what is there for peers goes with the last of them. */
export const keepsPeersBut =
  (addresses: ReadonlySet<string>, holdings: readonly Holding[]): Keeps =>
  ({ id, kind }, key) => {
    if (!kind.startsWith('calico.')) return false;
    if (kind === calicoBgpPeers.kind) return !addresses.has(key);
    const [, place] = id.split(/:(.*)/s);
    const peers = holdings.find(({ step }) => step === `${calicoBgpPeers.kind}:${place}`)?.elements.keys() ?? [];
    return [...peers].some((address) => !addresses.has(address));
  };

/** The neighbors that are ours at a place; none where it is no router's BGP. */
export const neighborsAt = ({ kind, elements }: Holding): readonly string[] =>
  kind === bigipBgp.kind ? [...new Set([...elements.keys()].flatMap(neighborOf))] : [];

function neighborOf(key: string): readonly string[] {
  const subject = subjectOf(key);
  return subject && !subject.isGroup ? [subject.name] : [];
}
