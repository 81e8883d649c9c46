import { type Owned, reconcile } from '../../src/core/reconcile.ts';
import type { ElementChange } from '../../src/core/step.ts';
import { elementsOf, parseConfig, ROUTER, type RouterConfig } from '../../src/routers/bigip/config/config.ts';
import type { LineValue } from '../../src/routers/bigip/config/lines.ts';
import { seenIn } from '../../src/routers/bigip/config/seen.ts';
import { wantedBgp } from '../../src/routers/bigip/config/wanted.ts';
import { bigipBgp } from '../../src/steps/bigip/bgp.ts';

export const CLUSTER = 'lab1';
/** Of the cluster that stands beside all that others have. */
export const NODES = ['172.19.0.2', '172.19.0.3', '2001:db8:20::2'];

/** What that cluster would have a unit say, and what is to change for it. `owned`: what the journal holds already. */
export function besideOthers(current: RouterConfig, owned: ReadonlyMap<string, Owned> = new Map()) {
  const asNumber = Number(elementsOf(current).get(ROUTER) ?? 64512);
  const want = wantedBgp({
    ...{ asNumber, clusterAs: 64512, peerGroup: 'calico-k8s', gracefulRestartTime: 120 },
    neighbors: NODES.map((address) => ({ address, asNumber: 64512 })),
    sessions: {
      admit: { cluster: CLUSTER, pods: ['10.53.0.0/16'], blockSize: 26 },
      announceNothing: { cluster: CLUSTER },
      timers: { keepalive: 3, hold: 9 },
      maximumPrefix: 100,
    },
  });
  const place = { host: 'unit', unit: 'chs1', cluster: CLUSTER, routeDomain: 0, asNumber };
  const wanted = new Map(want);
  const keys = new Set([...wanted.keys(), ...owned.keys()]);
  const { changes, conflicts } = reconcile(bigipBgp(place, want), seenIn(current, CLUSTER, keys), owned);
  return { ...place, current, changes: changes as readonly ElementChange<LineValue>[], conflicts, wanted };
}

/** What the journal holds after such changes were made. */
export const ownedBy = (changes: readonly ElementChange[]): ReadonlyMap<string, Owned> =>
  new Map(changes.map(({ key, before, to }) => [key, { before, meant: to, ours: [to], settled: true }]));

export const planBeside = (text: string) => besideOthers(parseConfig(text));
