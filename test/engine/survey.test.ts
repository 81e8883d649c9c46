import { expect, test } from 'vitest';
import { CpaasError } from '../../src/core/errors.ts';
import { Facts } from '../../src/core/facts.ts';
import { type Phase, phase, phaseFrom } from '../../src/core/plan.ts';
import type { Seen, Step } from '../../src/core/step.ts';
import type { Query } from '../../src/core/transport.ts';
import { LostHosts } from '../../src/engine/lost-hosts.ts';
import { onlyKinds } from '../../src/engine/only.ts';
import { survey } from '../../src/engine/survey.ts';
import { bigipBgp } from '../../src/steps/bigip/bgp.ts';
import { bigipConditions, bigipPreflight } from '../../src/steps/bigip/preflight.ts';
import { bigipRoute } from '../../src/steps/bigip/route.ts';
import { BGP, bigipRoutingProtocol } from '../../src/steps/bigip/routing-protocol.ts';
import { bigipSelfIp, TCP_BGP } from '../../src/steps/bigip/self-ip.ts';
import { bigipWorld } from '../helpers/fake-bigip.ts';
import { fakeContext } from '../helpers/fake-host.ts';
import { World } from '../helpers/world.ts';

const options = { leftovers: true };

/** Phases of a world with the place in them; `needs` as for phases. */
const phases = (world: World, needs: Readonly<Record<string, readonly string[]>>): readonly Phase[] =>
  Object.entries(needs).map(([place, own], at) => {
    const made = phase(place, at, [world.kind({ place }, [['key', 'value']])], { needs: own });
    return { ...made, kinds: [place] };
  });

test('phases that a part can do without are not looked at, those that it needs are', async () => {
  const world = new World();
  const plan = { name: 'world', phases: phases(world, { m1: [], m2: ['m1'], m3: [], m4: ['m2'], m5: ['m4'] }) };
  const { engine } = world;
  const only = onlyKinds((kind) => kind === 'm4');
  world.set('m1', 'key', 'value');
  world.set('m2', 'key', 'value');
  const found = await survey(plan, engine, new Facts(engine.ctx), { ...options, only });
  expect(found.phases.map((each) => [each.phase.name, each.looked.length, each.spared ?? false])).toEqual([
    ['m1', 1, false],
    ['m2', 1, false],
    ['m3', 0, true],
    ['m4', 1, false],
    ['m5', 0, true],
  ]);
});

test('what is ours in a phase that nobody looked at is not taken for unwanted', async () => {
  const world = new World();
  await world.run({ m1: { key: 'value' }, m2: { key: 'value' } });
  const [one, other] = phases(world, { m1: [], m2: [] });
  const { engine } = world;
  const plan = { name: 'world', phases: [one as Phase, { ...(other as Phase), kinds: ['cells'] }] };
  const only = { ...onlyKinds((kind) => kind === 'm1'), item: () => true };
  const found = await survey(plan, engine, new Facts(engine.ctx), { ...options, only });
  expect(found.leftovers).toEqual({ asked: [], inside: [] });
});

test('what is ours on a host is not taken for unwanted where a step says that nobody can name it, on that host alone', async () => {
  const world = new World();
  await world.run({ m1: { key: 'value' }, m2: { key: 'value' } });
  const { engine } = world;
  const conditions = { ...world.kind({ place: 'm3' }, []), host: 'm1', keeps: ['cells'] };
  const plan = { name: 'world', phases: [phase('Hosts', 1, [conditions])] };
  const { leftovers } = await survey(plan, engine, new Facts(engine.ctx), options);
  expect(leftovers.asked.map(({ step }) => step.host)).toEqual(['m2']);
});

test('phases that do without each other are looked at at the same time, others one after the other', async () => {
  const world = new World();
  const { engine } = world;
  const order: string[] = [];
  let meet = (): void => {};
  const met = new Promise<void>((resolve) => {
    meet = resolve;
  });
  const spelled = (name: string, needs: readonly string[], act: () => Promise<void>): Phase => ({
    ...phase(name, order.length, [], { needs }),
    steps: async () => {
      order.push(`${name} begins`);
      await act();
      order.push(`${name} is known`);
      return [];
    },
  });
  const plan = {
    name: 'world',
    phases: [
      spelled('Hosts', [], () => met),
      spelled('Control plane', [], async () => meet()),
      spelled('Nodes', ['Hosts', 'Control plane'], async () => {}),
    ],
  };
  const found = await survey(plan, engine, new Facts(engine.ctx), options);
  expect(found.phases.map((each) => each.phase.name)).toEqual(['Hosts', 'Control plane', 'Nodes']);
  expect(order.slice(0, 2)).toEqual(['Hosts begins', 'Control plane begins']);
  expect(order.slice(4)).toEqual(['Nodes begins', 'Nodes is known']);
});

test('what was done once is read beside what it needs, and judged after it', async () => {
  const world = new World();
  await world.run({ m1: { key: 'value' }, m2: { key: 'value' } });
  const { engine } = world;
  const [first, second] = phases(world, { m1: [], m2: ['m1'] }) as [Phase, Phase];
  let begun = (): void => {};
  const secondBegins = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const plan = {
    name: 'world',
    phases: [
      { ...first, steps: (...args: Parameters<Phase['steps']>) => secondBegins.then(() => first.steps(...args)) },
      {
        ...second,
        steps: async (...args: Parameters<Phase['steps']>) => {
          begun();
          return second.steps(...args);
        },
      },
    ],
  };
  const found = await survey(plan, engine, new Facts(engine.ctx), options);
  expect(found.phases.map(({ looked }) => looked.map((each) => each.found?.satisfied))).toEqual([[1], [1]]);
});

test('of what was read early nothing counts where what it needs is to be changed: its place may not be there yet', async () => {
  const world = new World();
  await world.run({ m1: { key: 'value' }, m2: { key: 'value' } });
  const { engine, events } = world;
  world.places.get('m1')?.clear();
  world.dead.add('m2');
  events.length = 0;
  const plan = { name: 'world', phases: phases(world, { m1: [], m2: ['m1'] }) };
  const lost = new LostHosts(engine);
  const found = await survey(plan, engine, new Facts(engine.ctx), { leftovers: false }, lost);
  expect(found.phases.map(({ deferred, looked }) => [deferred, looked.length])).toEqual([
    [undefined, 1],
    ['known after m1', 0],
  ]);
  expect({ lost: lost.why('m2'), events }).toEqual({ lost: undefined, events: [] });
});

test('what was read early in vain has come to its end before the survey has', async () => {
  const world = new World();
  await world.run({ m1: { key: 'value' }, m2: { key: 'value' } });
  const { engine } = world;
  world.places.get('m1')?.clear();
  const [first, second] = phases(world, { m1: [], m2: ['m1'] }) as [Phase, Phase];
  const [step] = await second.steps(new Facts(engine.ctx));
  let answer = (_: ReadonlyMap<string, Seen>): void => {};
  const answered = new Promise<ReadonlyMap<string, Seen>>((resolve) => {
    answer = resolve;
  });
  const slow = { ...second, steps: async () => [{ ...(step as Step), read: () => answered }] };
  let over = false;
  const surveyed = survey({ name: 'world', phases: [first, slow] }, engine, new Facts(engine.ctx), {
    leftovers: false,
  }).finally(() => {
    over = true;
  });
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(over).toBe(false);
  answer(new Map());
  expect((await surveyed).phases[1]?.deferred).toBe('known after m1');
});

test('of what cannot be read on a host the first step of all is told, and what could be read stays', async () => {
  const world = new World({ m1: { key: 'value' } });
  const { engine } = world;
  const broken = (text: string) => ({
    ...world.kind({ place: 'm1' }, []),
    id: text,
    read: () => Promise.reject(new CpaasError('HOST.COMMAND', text)),
  });
  const whole = world.kind({ place: 'm1' }, []);
  const plan = { name: 'world', phases: [phase('Hosts', 1, [whole, broken('first'), broken('second')])] };
  const { phases: found } = await survey(plan, engine, new Facts(engine.ctx), options);
  const told = found.flatMap(({ looked }) => looked.map((each) => (each.found ? 'found' : `${each.failure}`)));
  expect(told).toEqual(['found', 'CpaasError: first', 'CpaasError: first']);
});

test('all that the steps of a unit want to know is asked in one round trip, each question once, and what it notes is told', async () => {
  const { machines } = bigipWorld({ bgp: true, sync: 'Changes Pending' });
  const ctx = fakeContext(machines);
  const trips: (readonly string[])[] = [];
  const counting = (host: Query): Query => ({
    ...host,
    query: (command) =>
      counting(host)
        .queryAll([command])
        .then(([answer]) => answer as never),
    queryAll: (commands) => {
      trips.push(commands.map(({ argv }) => argv.join(' ')));
      return host.queryAll(commands);
    },
  });
  const place = { host: 'bigip', unit: 'chs1', cluster: 'cpaas1', routeDomain: 0 };
  const { routeDomain: _, ...onUnit } = place;
  const steps = [
    bigipPreflight(
      { ...place, selfIp: 'internal' },
      bigipConditions({ routeDomain: 0 }, [{ selfIp: 'internal', address: '10.10.2.20' }]),
    ),
    bigipRoutingProtocol(place, [[BGP, true]]),
    bigipSelfIp({ ...onUnit, selfIp: 'internal' }, [[TCP_BGP, true]]),
    bigipRoute(place, [['172.19.0.0/16', { gw: '10.10.2.10' }]]),
    bigipBgp({ ...place, asNumber: 64512 }, [['router bgp', '64512']]),
  ];
  const world = new World();
  const engine = { ...world.engine, ctx: { ...ctx, host: (key: string) => counting(ctx.host(key)) as never } };
  const plan = { name: 'world', phases: [phase('Routers', 1, steps)] };
  const found = await survey(plan, engine, new Facts(engine.ctx), options);
  expect(found.phases.flatMap(({ looked }) => looked.flatMap(({ failure }) => failure ?? []))).toEqual([]);
  expect(trips).toHaveLength(1);
  const warnings = world.events.flatMap((event) => (event.type === 'warning' ? [event.text] : []));
  expect(warnings).toEqual([expect.stringContaining('"Changes Pending"')]);
  expect(new Set(trips[0])).toHaveLength(trips[0]?.length ?? 0);
  expect(trips[0]).toMatchInlineSnapshot(`
    [
      "id -u",
      "tmsh -q show sys version",
      "tmsh -q list sys db tmrouted.tmos.routing value one-line",
      "tmsh -q list net routing bgp one-line",
      "tmsh -q list net route-domain one-line",
      "tmsh -q list net self one-line",
      "tmsh -q show cm failover-status",
      "tmsh -q show cm sync-status",
      "cat /var/tmp/cpaas-bgp-rd0/holder /var/tmp/cpaas-bgp-rd0/before",
      "env TERM=vt100 imish -r 0 -e show running-config",
      "tmsh -q list net route one-line",
    ]
  `);
});

test('a phase is told what is ours, and can go on wanting it', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' } });
  const { engine } = world;
  const of = (place: string) => world.kind({ place }, [['a', 'y']]);
  const own = phaseFrom('Own', 1, ['cells'], async (_, isOurs) =>
    [of('u1'), of('u2')].filter(({ id }) => isOurs?.(id)),
  );
  const found = await survey({ name: 'w', phases: [own] }, engine, new Facts(engine.ctx), options);
  expect(found.phases.flatMap(({ looked }) => looked.map(({ step }) => step.id))).toEqual(['cells:u1']);
  expect(found.leftovers).toEqual({ asked: [], inside: [] });
});
