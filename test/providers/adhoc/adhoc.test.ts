import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type AdhocFlags, adhocWish } from '../../../src/config/adhoc.ts';
import { CpaasError } from '../../../src/core/errors.ts';
import { nothing } from '../../../src/core/plan.ts';
import { type ConvergeOptions, converge } from '../../../src/engine/converge.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { Instances } from '../../../src/engine/instances.ts';
import { adhoc } from '../../../src/providers/adhoc/adhoc.ts';
import { keepsBut, keepsOthers, keepsPeersBut, neighborsAt } from '../../../src/providers/adhoc/keeps.ts';
import { fileJournal } from '../../../src/state/journal.ts';
import { revive } from '../../../src/steps/index.ts';
import { FakeBigip } from '../../helpers/fake-bigip.ts';
import { type FakeMachine, fakeContext, Power } from '../../helpers/fake-host.ts';
import { FakeKube, type FakeObject } from '../../helpers/fake-kube.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpaas-adhoc-plan-'));
const kubeconfig = join(folder, 'config');
writeFileSync(kubeconfig, '');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ONE = 'ssh://root@192.0.2.1';
const OTHER = 'ssh://root@192.0.2.2';

const object = (kind: string, name: string, rest: object): FakeObject => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name, ...('metadata' in rest ? (rest.metadata as object) : {}) },
  ...('spec' in rest ? { spec: rest.spec as Record<string, unknown> } : {}),
});
const nodeAt = (name: string, address: string) =>
  object('Node', name, { metadata: { annotations: { 'projectcalico.org/IPv4Address': `${address}/24` } } });
const CLUSTER = [
  object('Namespace', 'kube-system', { metadata: { uid: 'uid-1' } }),
  nodeAt('node-1', '10.10.2.31'),
  nodeAt('node-2', '10.10.2.32'),
  object('Pod', 'calico-node-x', { metadata: { labels: { 'k8s-app': 'calico-node' } } }),
];

/** Two units, a cluster, and the state of one user: each call is a new process. */
class Site {
  readonly units = { [ONE]: new FakeBigip(), [OTHER]: new FakeBigip() };
  readonly kube: FakeKube;
  readonly #journal = join(mkdtempSync(join(folder, 's-')), 'journal.ndjson');
  /** Units that do not answer. */
  readonly dead = new Set<string>();

  constructor(objects: readonly FakeObject[] = CLUSTER) {
    this.kube = new FakeKube(new Power(), { api: 'v3', objects });
  }

  peer(flags: AdhocFlags, { cluster = true } = {}) {
    const wish = adhocWish(
      { router: [ONE], selfIp: 'internal', ...flags },
      { verb: 'peer', as: true, neighbors: true },
      {},
    );
    return this.#converge(adhoc(wish, cluster).plan, { leftovers: false, keeps: keepsOthers });
  }

  unpeer(other: Partial<ConvergeOptions> = {}) {
    return this.#converge(nothing('adhoc'), { leftovers: true, ...other });
  }

  holdings() {
    return fileJournal(this.#journal).holdings();
  }

  /** The lines of `router bgp` in force. */
  bgp(unit = ONE): readonly string[] {
    const lines = this.units[unit as typeof ONE]?.zebos.show().split('\n') ?? [];
    return lines.filter((line) => /^(router bgp| (neighbor|bgp) )/.test(line));
  }

  peers(): readonly string[] {
    return [...this.kube.objects.keys()].filter((key) => key.startsWith('BGP')).toSorted();
  }

  async #converge(plan: Parameters<typeof converge>[0], options: Partial<ConvergeOptions> & { leftovers: boolean }) {
    const machines: Record<string, FakeMachine> = {
      ...this.units,
      local: { name: 'here', programs: this.kube.programs },
    };
    const ctx = fakeContext(machines);
    const identity = async (key: string) => {
      if (this.dead.has(key)) throw new CpaasError('HOST.UNREACHABLE', `${key} does not answer`);
      return `identity of ${key}`;
    };
    const host: typeof ctx.host = (key) => {
      const transport = ctx.host(key);
      const gone = () => Promise.reject(new CpaasError('HOST.UNREACHABLE', `${key} does not answer`));
      return this.dead.has(key) ? { ...transport, query: gone, queryAll: gone, run: gone } : transport;
    };
    const journal = fileJournal(this.#journal);
    journal.begin({ run: 'r', command: 'bgp peer', user: 'u', machine: 'm' });
    const engine: Engine = {
      ctx: { ...ctx, identity, host },
      journal,
      emit: () => {},
      revive,
      instances: new Instances(),
      uninterrupted: (act) => act(engine),
      parallel: 4,
      clock: () => 0,
    };
    return converge(plan, engine, { consent: async () => true, gates: false, ...options });
  }
}

test('flags alone make the articles’ BGP on a unit, and a second call changes nothing', async () => {
  const site = new Site();
  const flags = { as: '64512', neighbors: ['172.19.0.2,172.19.0.3'] };
  expect(await site.peer(flags)).toBe('applied');
  expect(site.bgp()).toMatchInlineSnapshot(`
    [
      "router bgp 64512",
      " bgp graceful-restart restart-time 120",
      " neighbor calico-k8s peer-group",
      " neighbor calico-k8s remote-as 64512",
      " neighbor 172.19.0.2 peer-group calico-k8s",
      " neighbor 172.19.0.2 description cpaas:adhoc",
      " neighbor 172.19.0.3 peer-group calico-k8s",
      " neighbor 172.19.0.3 description cpaas:adhoc",
    ]
  `);
  expect(site.units[ONE].allowService).toContain('tcp:bgp');
  expect(await site.peer(flags)).toBe('unchanged');
  expect(site.peers()).toEqual([]);
});

test('neighbors in another AS that are not in the unit’s network need more than one hop; those beside it do not', async () => {
  const site = new Site();
  await site.peer({ as: '65010', remoteAs: '64512', neighbors: ['172.19.0.2'] });
  expect(site.bgp()).toContain(' neighbor calico-k8s ebgp-multihop 2');
  await site.peer({ router: [OTHER], as: '65010', remoteAs: '64512', neighbors: ['10.10.2.31'] });
  expect(site.bgp(OTHER).filter((line) => line.includes('multihop'))).toEqual([]);
});

test('a call adds to what another has made, and takes a neighbor into its own group', async () => {
  const site = new Site();
  await site.peer({ as: '64512', neighbors: ['172.19.0.2,172.19.0.3'] });
  await site.peer({ as: '64512', peerGroup: 'second', neighbors: ['172.20.0.2', '172.19.0.3'] });
  const members = site
    .bgp()
    .filter((line) => / neighbor \d\S+ peer-group /.test(line))
    .map((line) => line.trim());
  expect(members.toSorted()).toEqual([
    'neighbor 172.19.0.2 peer-group calico-k8s',
    'neighbor 172.19.0.3 peer-group second',
    'neighbor 172.20.0.2 peer-group second',
  ]);
});

test('units of one call peer with each other, each leaving itself out', async () => {
  const site = new Site();
  site.units[OTHER].address = '10.10.2.21';
  await site.peer({
    router: [ONE, OTHER],
    as: '65010',
    remoteAs: '64512',
    neighbors: ['10.10.2.20,10.10.2.21,10.10.2.31'],
  });
  expect(site.bgp(ONE)).toContain(' neighbor 10.10.2.21 remote-as 65010');
  expect(site.bgp(ONE).join()).not.toContain('10.10.2.20');
  expect(site.bgp(OTHER)).toContain(' neighbor 10.10.2.20 remote-as 65010');
});

test('a part is taken away and the rest stays; then all of it, and the unit is as it was', async () => {
  const site = new Site();
  const before = site.units[ONE].dump();
  await site.peer({ as: '64512', neighbors: ['172.19.0.2,172.19.0.3'] });
  expect(await site.unpeer({ keeps: keepsBut(new Set(['172.19.0.3'])) })).toBe('applied');
  expect(site.bgp().filter((line) => line.includes('172.19.'))).toEqual([
    ' neighbor 172.19.0.2 peer-group calico-k8s',
    ' neighbor 172.19.0.2 description cpaas:adhoc',
  ]);
  expect(site.holdings().flatMap(neighborsAt)).toEqual(['172.19.0.2']);
  await site.unpeer();
  expect(site.units[ONE].dump()).toEqual(before);
  expect(site.holdings()).toEqual([]);
});

test('from a kubeconfig: its nodes, its AS, and a BGPPeer; a mesh that is off stays off', async () => {
  const configuration = object('BGPConfiguration', 'default', {
    spec: { asNumber: 65001, nodeToNodeMeshEnabled: false },
  });
  const site = new Site([...CLUSTER, configuration]);
  const flags = { fromKubeconfig: kubeconfig };
  expect(await site.peer(flags)).toBe('applied');
  expect(site.bgp().slice(0, 5)).toMatchInlineSnapshot(`
    [
      "router bgp 65001",
      " bgp graceful-restart restart-time 120",
      " neighbor calico-k8s peer-group",
      " neighbor calico-k8s remote-as 65001",
      " neighbor 10.10.2.31 peer-group calico-k8s",
    ]
  `);
  expect(site.kube.objects.get('BGPPeer bigip-10-10-2-20')?.spec).toMatchObject({
    peerIP: '10.10.2.20',
    asNumber: 65001,
  });
  expect(site.kube.objects.get('BGPConfiguration default')).toEqual(configuration);
  expect(await site.peer(flags)).toBe('unchanged');
});

test('a cluster whose BGP nobody has configured gets its BGPConfiguration; --no-cluster leaves it alone', async () => {
  const site = new Site();
  const flags = { fromKubeconfig: kubeconfig };
  await site.peer(flags, { cluster: false });
  expect(site.peers()).toEqual([]);
  await site.peer(flags);
  expect(site.peers()).toEqual(['BGPConfiguration default', 'BGPPeer bigip-10-10-2-20']);
});

test('another AS than the cluster has is refused before anything is changed', async () => {
  const site = new Site([...CLUSTER, object('BGPConfiguration', 'default', { spec: { asNumber: 65001 } })]);
  await expect(site.peer({ as: '64512', remoteAs: '64512', fromKubeconfig: kubeconfig })).rejects.toMatchObject({
    code: 'STEP.CONFLICT',
  });
  expect(site.bgp()).toEqual([]);
  expect(site.peers()).toEqual(['BGPConfiguration default']);
});

test('the peer of one unit goes with it; what the other needs stays until it goes, too', async () => {
  const site = new Site();
  site.units[OTHER].address = '10.10.2.21';
  await site.peer({ router: [ONE, OTHER], as: '65010', fromKubeconfig: kubeconfig });
  const all = [
    'BGPConfiguration default',
    'BGPFilter cpaas-own-blocks',
    'BGPPeer bigip-10-10-2-20',
    'BGPPeer bigip-10-10-2-21',
  ];
  expect(site.peers()).toEqual(all);
  const cluster = {
    item: ({ step }: { step: { kind: string } }) => step.kind.startsWith('calico.'),
    phase: () => true,
  };
  await site.unpeer({ only: cluster, keeps: keepsPeersBut(new Set(['10.10.2.20']), site.holdings()) });
  expect(site.peers()).toEqual(all.filter((each) => each !== 'BGPPeer bigip-10-10-2-20'));
  await site.unpeer({ only: cluster, keeps: keepsPeersBut(new Set(['10.10.2.21']), site.holdings()) });
  expect(site.peers()).toEqual([]);
});

test('a unit that does not answer is told, and the other is done', async () => {
  const site = new Site();
  site.dead.add(ONE);
  await expect(site.peer({ router: [ONE, OTHER], as: '64512', neighbors: ['172.19.0.2'] })).rejects.toMatchObject({
    code: 'HOST.UNREACHABLE',
  });
  expect(site.bgp(OTHER)).toContain('router bgp 64512');
});
