import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Owned, reconcile } from '../../src/core/reconcile.ts';
import type { Claim, Seen, Step } from '../../src/core/step.ts';
import { fileJournal } from '../../src/state/journal.ts';
import { bigipRoute } from '../../src/steps/bigip/route.ts';
import { calicoBgpPeers, globalPeer } from '../../src/steps/calico/bgp-peers.ts';
import { hostRoutes, route } from '../../src/steps/host/routes.ts';
import { bigipWorld, type FakeBigip } from '../helpers/fake-bigip.ts';
import { type FakeMachine, fakeContext, Power } from '../helpers/fake-host.ts';
import { type FakeRoute, fakeIp } from '../helpers/fake-ip.ts';
import { FakeKube, type FakeObject } from '../helpers/fake-kube.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpaas-reconcile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One step at a time in a world that somebody has prepared by hand, with a real journal. */
class Life {
  readonly #file = join(mkdtempSync(join(folder, 'j-')), 'journal.ndjson');
  readonly #machines: Readonly<Record<string, FakeMachine>>;

  constructor(machines: Readonly<Record<string, FakeMachine>>) {
    this.#machines = machines;
  }

  /** As `up`, or with a step that wants nothing as `down`: what it wrote, key by key. Settles nothing when cut off. */
  async run(step: Step, { adopt = false, cut = false } = {}): Promise<readonly string[]> {
    const ctx = fakeContext(this.#machines);
    const journal = fileJournal(this.#file);
    journal.begin({ run: 'r', command: 'up', user: 'u', machine: 'm' });
    const look = async () => {
      const owned = journal.holding(step.id)?.elements ?? new Map<string, Owned>();
      const seen = await step.read(ctx, new Set([...step.want.keys(), ...owned.keys()]));
      return reconcile(step, seen, owned, { adopt });
    };
    const { changes, kept, conflicts, released } = await look();
    if (conflicts.length > 0) throw new Error(conflicts.map(({ why }) => why).join());
    if (released.length > 0) journal.release(step.id, released);
    const { id, kind, place, host } = step;
    const all = [...changes, ...kept];
    if (all.length > 0)
      journal.intend(
        { step: id, kind, place, host, within: undefined, phase: { name: 'p', rank: 1, turn: 0 } },
        [...changes, ...kept],
        undefined,
      );
    if (cut) return [];
    await step.write(ctx, changes);
    expect((await look()).changes).toEqual([]);
    journal.settle(
      step.id,
      all.map(({ key }) => key),
    );
    return changes.map(({ key }) => key);
  }

  ours(step: Step): readonly string[] {
    return [...(fileJournal(this.#file).holding(step.id)?.elements.keys() ?? [])];
  }
}

const KEY = '10.53.0.0/26';
const routes = (via?: string) =>
  hostRoutes({ host: 'vm', cluster: 'c', range: '10.53.0.0/16' }, via === undefined ? [] : [route(KEY, via)]);

/** A VM on which somebody has typed `ip route add`, as the article says. */
function handmade(row: Partial<FakeRoute> = {}) {
  const table: FakeRoute[] = [
    { dst: '172.19.0.0/16', dev: 'br0', protocol: '2' },
    { dst: KEY, via: '172.19.0.2', dev: 'br0', ...row },
  ];
  const life = new Life({ vm: { name: 'vm', programs: { ip: fakeIp(table, new Power()) } } });
  return { life, table, route: () => table.find(({ dst }) => dst === KEY) };
}

describe('--adopt takes what somebody made and will do', () => {
  test.for([{}, { protocol: '4' }, { metric: 100 }])(
    'a route by hand (%j) is left as it is, is ours from then on, and goes with down',
    async (row) => {
      const { life, route, table } = handmade(row);
      const before = structuredClone(table);
      expect(await life.run(routes('172.19.0.2'), { adopt: true })).toEqual([]);
      expect(life.ours(routes())).toEqual([KEY]);
      expect(await life.run(routes('172.19.0.2'))).toEqual([]);
      expect(await life.run(routes('172.19.0.2'), { adopt: true })).toEqual([]);
      expect(table).toEqual(before);
      expect(await life.run(routes())).toEqual([KEY]);
      expect(route()).toBeUndefined();
      expect(life.ours(routes())).toEqual([]);
    },
  );

  test('without it the same route is nobody of ours, and down leaves it', async () => {
    const { life, route } = handmade();
    await life.run(routes('172.19.0.2'));
    await life.run(routes());
    expect(route()).toMatchObject({ via: '172.19.0.2' });
  });

  test('what was adopted is changed when the file asks for something else, and still goes', async () => {
    const { life, route } = handmade({ metric: 100 });
    await life.run(routes('172.19.0.2'), { adopt: true });
    expect(await life.run(routes('172.19.0.3'))).toEqual([KEY]);
    expect(route()).toEqual({ dst: KEY, via: '172.19.0.3', dev: 'br0', protocol: '201' });
    expect(await life.run(routes('172.19.0.3'))).toEqual([]);
    await life.run(routes());
    expect(route()).toBeUndefined();
  });

  test('an adoption that was cut off is made up for by the next run', async () => {
    const { life, route } = handmade();
    await life.run(routes('172.19.0.2'), { adopt: true, cut: true });
    expect(await life.run(routes('172.19.0.2'))).toEqual([]);
    await life.run(routes());
    expect(route()).toBeUndefined();
  });

  test('what somebody changed after it was adopted is theirs again', async () => {
    const { life, route, table } = handmade({ protocol: '4' });
    await life.run(routes('172.19.0.2'), { adopt: true });
    table.splice(1, 1, { dst: KEY, via: '172.19.0.9', dev: 'br0', protocol: '4' });
    await expect(life.run(routes('172.19.0.2'))).rejects.toThrow('somebody else routes');
    expect(await life.run(routes())).toEqual([]);
    expect(route()).toMatchObject({ via: '172.19.0.9' });
  });

  test('a BGPPeer of any name goes by its own name', async () => {
    const peer = (name: string, peerIP: string): FakeObject => ({
      apiVersion: 'projectcalico.org/v3',
      kind: 'BGPPeer',
      metadata: { name },
      spec: { peerIP, asNumber: 64512 },
    });
    const kube = new FakeKube(new Power(), {
      api: 'crd',
      objects: [peer('bigip1', '10.10.2.20'), peer('by-hand', '10.10.2.21')],
    });
    const life = new Life({ vm: { name: 'vm', programs: kube.programs } });
    const access = { host: 'vm', kubeconfig: '/run/kubeconfig' };
    const place = { identity: 'uid', kube: access, cluster: 'c', api: 'crd' } as const;
    const wish = [globalPeer('bigip1', '10.10.2.20', 64512), globalPeer('bigip2', '10.10.2.21', 64512)];
    expect(await life.run(calicoBgpPeers(place, wish), { adopt: true })).toEqual([]);
    expect(await life.run(calicoBgpPeers(place, wish))).toEqual([]);
    expect(await life.run(calicoBgpPeers(place, []))).toEqual(['10.10.2.20', '10.10.2.21']);
    expect(kube.dump()).toEqual([]);
  });

  test('a static route of a unit goes by its own name, and is made anew where it has to lead elsewhere', async () => {
    const network = '172.19.0.0/16';
    const world = bigipWorld({ routes: [{ name: 'k3d', network, gw: '10.10.2.10' }] });
    const life = new Life(world.machines);
    const found = () => (world.dump() as FakeBigip).routes;
    const step = (gw?: string) =>
      bigipRoute({ host: 'bigip', unit: 'chs1', cluster: 'c', routeDomain: 0 }, gw ? [[network, { gw }]] : []);
    expect(await life.run(step('10.10.2.10'), { adopt: true })).toEqual([]);
    expect(found()).toMatchObject([{ name: 'k3d' }]);
    expect(await life.run(step('10.10.2.11'))).toEqual([network]);
    expect(found()).toMatchObject([{ network, gw: '10.10.2.11' }]);
    expect(await life.run(step())).toEqual([network]);
    expect(found()).toEqual([]);
  });
});

describe('--adopt does not take', () => {
  const seen = new Map<string, Seen>([['k', { value: 'v', mark: 'other' }]]);
  const want = new Map([['k', 'v']]);

  test('what others use as well, though it is as wanted', () => {
    const shared = { want, id: 'k:1', kind: 'k', undo: 'down', claim: (): Claim => 'take', adoptable: true } as const;
    expect(reconcile(shared, seen, new Map(), { adopt: true })).toMatchObject({ satisfied: 1, kept: [] });
  });

  test('what is never undone', () => {
    const never = { want, id: 'k:1', kind: 'k', undo: 'never', claim: (): Claim => 'leave', adoptable: false } as const;
    const plain = new Map<string, Seen>([['k', { value: 'v' }]]);
    expect(reconcile(never, plain, new Map(), { adopt: true })).toMatchObject({ satisfied: 1, kept: [] });
  });
});

describe('Something that is a part of something else', () => {
  const owned = (before?: unknown): Owned => ({ before, meant: '9', ours: ['9'], settled: true });
  const step = (...want: string[]) => ({
    id: 's',
    kind: 'k',
    want: new Map(want.map((key) => [key, true])),
    undo: 'down' as const,
    claim: (): Claim => 'take',
    adoptable: true,
    partOf: (key: string) => (key === 'timers' ? ['neighbor'] : []),
  });
  const seen = new Map<string, Seen>([
    ['neighbor', { value: true }],
    ['timers', { value: '9' }],
  ]);
  const causes = (...want: string[]) =>
    reconcile(step(...want), seen, new Map([['timers', owned('30')]])).changes.map(({ to, cause }) => ({ to, cause }));

  test('is given up with the changes while the whole stays', () => {
    expect(causes('neighbor')).toEqual([{ to: '30', cause: 'wanted' }]);
  });

  test('is put back with everything else where nothing of it stays', () => {
    expect(causes()).toEqual([{ to: '30', cause: 'unwanted' }]);
  });
});

describe('What is no longer wanted', () => {
  const seen = new Map<string, Seen>([['k', { value: 'v' }]]);
  const owned = new Map<string, Owned>([['k', { before: undefined, meant: 'v', ours: ['v'], settled: true }]]);
  const step = (undo: Step['undo']) => ({
    ...{ id: 'k:1', kind: 'k', want: new Map(), undo, adoptable: true },
    claim: (): Claim => 'take',
  });
  const changes = (undo: Step['undo'], purge?: boolean) =>
    reconcile(step(undo), seen, owned, purge === undefined ? {} : { purge }).changes.map(({ key }) => key);

  test('goes where it goes by itself, on request where it is installed, and never where there is no way back', () => {
    expect([changes('down'), changes('purge'), changes('purge', true)]).toEqual([['k'], [], ['k']]);
    expect([changes('never'), changes('never', true)]).toEqual([[], []]);
  });
});
