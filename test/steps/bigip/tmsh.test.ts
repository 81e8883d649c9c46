import { describe, expect, test } from 'vitest';
import { reconcile } from '../../../src/core/reconcile.ts';
import { bigipConditions, bigipPreflight } from '../../../src/steps/bigip/preflight.ts';
import { type BigipRoute, bigipRoute } from '../../../src/steps/bigip/route.ts';
import { BGP, bigipRoutingProtocol } from '../../../src/steps/bigip/routing-protocol.ts';
import { bigipSelfIp, TCP_BGP } from '../../../src/steps/bigip/self-ip.ts';
import { type BigipSwitches, bigipWorld, type FakeBigip } from '../../helpers/fake-bigip.ts';
import { fakeContext } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const unit = { host: 'bigip', unit: 'chs1', cluster: 'cpaas1' };
const onDomain = { ...unit, routeDomain: 0 };
const sentBy = (ctx: ReturnType<typeof fakeContext>) => ctx.sent.map(({ argv }) => argv.join(' '));

describe('BGP on a route domain', () => {
  const bgp = [[[BGP, true]]] as const;
  stepLaws('BGP on a route domain', {
    step: bigipRoutingProtocol,
    place: onDomain,
    world: () => bigipWorld(),
    wishes: bgp,
  });

  test('is there already: it stays when cpaas goes', async () => {
    const { machines } = bigipWorld({ bgp: true });
    const seen = await bigipRoutingProtocol(onDomain, []).read(fakeContext(machines), new Set([BGP]));
    expect(seen).toEqual(new Map([[BGP, { value: true }]]));
  });

  test.each([
    ['net route-domain 0 { id 0 } net route-domain tenant_a { id 7 routing-protocol { BFD OSPFv2 } }', 'tenant_a'],
    ['net route-domain 7 { id 0 } net route-domain /tenant/rd { id 7 vlans { /tenant/internal } }', '/tenant/rd'],
    ['net route-domain 7 { id 7 }', '7'],
  ])('is enabled by the name of the route domain, which need not be its number: %s', async (listed, name) => {
    const tmsh = (args: readonly string[]) => (args.includes('list') ? listed : '');
    const ctx = fakeContext({ bigip: { name: 'bigip1', programs: { tmsh } } });
    const made = { key: BGP, from: undefined, to: true, before: undefined, cause: 'wanted' } as const;
    await bigipRoutingProtocol({ ...unit, routeDomain: 7 }, []).write(ctx, [made]);
    expect(sentBy(ctx)).toEqual([`tmsh modify net route-domain ${name} routing-protocol add { BGP }`]);
  });

  test('stays while somebody else has sessions there', async () => {
    const { machines } = bigipWorld({ bgp: true, zebos: ['router bgp 64512', 'neighbor 10.0.0.9 remote-as 65009'] });
    const step = bigipRoutingProtocol(onDomain, []);
    const seen = await step.read(fakeContext(machines), new Set([BGP]));
    const owned = new Map([[BGP, { before: undefined, meant: true, ours: [true], settled: true }]]);
    expect(reconcile(step, seen, owned)).toMatchObject({ changes: [], released: [BGP] });
  });

  test('stays while lines of ours could not be taken away, and says which', async () => {
    const ours = [
      'router bgp 64512',
      'neighbor 10.0.0.9 remote-as 64512',
      'neighbor 10.0.0.9 description cpaas:cpaas1',
    ];
    const { machines, unit } = bigipWorld({ bgp: true, zebos: ours });
    const gone = { key: BGP, from: true, to: undefined, before: undefined, cause: 'unwanted' } as const;
    const taken = bigipRoutingProtocol(onDomain, []).write(fakeContext(machines), [gone]);
    await expect(taken).rejects.toMatchObject({
      code: 'BGP.IN_FORCE',
      evidence: [{ label: 'in force', text: 'neighbor 10.0.0.9 remote-as 64512' }],
    });
    expect(unit.bgp).toBe(true);
  });

  test('stays while lines of ours that were taken away are still saved: disabled, they would be out of reach', async () => {
    const ours = [
      'router bgp 64512',
      'neighbor 10.0.0.9 remote-as 64512',
      'neighbor 10.0.0.9 description cpaas:cpaas1',
    ];
    const { machines, unit } = bigipWorld({ bgp: true, zebos: ours, diskFull: true });
    unit.operator(['no router bgp 64512']);
    const gone = { key: BGP, from: true, to: undefined, before: undefined, cause: 'unwanted' } as const;
    const taken = bigipRoutingProtocol(onDomain, []).write(fakeContext(machines), [gone]);
    await expect(taken).rejects.toMatchObject({
      code: 'BGP.NOT_SAVED',
      evidence: [
        { label: 'answer', text: "% Can't open configuration file: No space left on device" },
        { label: 'saved', text: 'neighbor 10.0.0.9 remote-as 64512' },
      ],
    });
    expect(unit.bgp).toBe(true);
  });

  test('is nobody else’s by no half of an answer', async () => {
    const programs = {
      tmsh: () => 'net route-domain 0 { id 0 routing-protocol { BGP } }',
      env: () => '!\nrouter bgp 64512\n',
    };
    const ctx = fakeContext({ bigip: { name: 'bigip1', programs } });
    await expect(bigipRoutingProtocol(onDomain, []).read(ctx, new Set([BGP]))).rejects.toMatchObject({
      code: 'BGP.ANSWER',
    });
  });

  test('is given and taken by one modification, what imish holds saved before it goes', () => {
    const step = bigipRoutingProtocol(onDomain, []);
    const change = (to: true | undefined) =>
      step.commands([{ key: BGP, from: to ? undefined : true, to, before: undefined, cause: 'wanted' }]);
    expect([...change(true), ...change(undefined)].map(({ argv }) => argv.join(' '))).toMatchInlineSnapshot(`
      [
        "tmsh modify net route-domain 0 routing-protocol add { BGP }",
        "env TERM=vt100 imish -r 0 -e write",
        "tmsh modify net route-domain 0 routing-protocol delete { BGP }",
      ]
    `);
  });
});

describe('Saving what tmsh changed', () => {
  const closing = async (switches: BigipSwitches = {}) => {
    const world = bigipWorld(switches);
    const ctx = fakeContext(world.machines);
    const { close } = bigipRoutingProtocol(onDomain, []);
    if (!close) throw new Error('it closes');
    return { ...world, ctx, close, before: await close.before(ctx) };
  };

  test('is read back', async () => {
    const { unit, ctx, close, before } = await closing();
    unit.admit('tcp:bgp');
    expect(await close.before(ctx)).toEqual({ unsaved: ['not saved: net self internal'] });
    expect(await close.act(ctx, [before])).toBeUndefined();
    expect(await close.before(ctx)).toEqual({ unsaved: [] });
  });

  test('leaves unsaved what somebody else had not saved, and says what', async () => {
    const { unit, ctx, close } = await closing();
    unit.admit('tcp:8080');
    const theirs = await close.before(ctx);
    unit.bgp = true;
    expect(await close.act(ctx, [theirs])).toMatchInlineSnapshot(
      `"not saved, since somebody's changes had not been saved before (not saved: net self internal): tmsh save sys config saves all"`,
    );
    expect(sentBy(ctx)).toEqual([]);
    expect(await close.act(ctx, [])).toBeUndefined();
    expect(sentBy(ctx)).toEqual(['tmsh save sys config']);
  });

  test('knows what is ours: a later place has seen what was changed at an earlier one', async () => {
    const { unit, ctx, close, before } = await closing();
    unit.bgp = true;
    const later = await close.before(ctx);
    expect(await close.act(ctx, [before, later])).toBeUndefined();
    expect(await close.before(ctx)).toEqual({ unsaved: [] });
  });

  test('is said to be all that is known, where the login sees no files', async () => {
    const { unit, ctx, close, before } = await closing({ shell: false });
    unit.admit('tcp:bgp');
    expect(before).toEqual({ unsaved: [] });
    expect(await close.act(ctx, [before])).toContain('not read back');
    expect(sentBy(ctx)).toEqual(['tmsh save sys config']);
  });

  test('notices a disk that is full', async () => {
    const { unit, ctx, close, before } = await closing({ diskFull: true });
    unit.admit('tcp:bgp');
    await expect(close.act(ctx, [before])).rejects.toMatchObject({
      code: 'BIGIP.NOT_SAVED',
      evidence: [{ label: 'answer' }, { label: 'differs', text: 'not saved: net self internal' }],
    });
  });
});

describe('Port lockdown', () => {
  const place = { ...unit, selfIp: 'internal' };
  const wish = [[TCP_BGP, true]] as const;
  const lists: readonly (string | readonly string[])[] = [
    'none',
    'all',
    ['default'],
    ['tcp:ssh'],
    ['tcp:any', 'udp:520'],
    ['tcp:bgp', 'udp:520'],
  ];
  for (const allowService of lists)
    stepLaws(`Port lockdown found as ${allowService}`, {
      step: bigipSelfIp,
      place,
      world: () => bigipWorld({ allowService }),
      wishes: [wish],
      verbatim: false,
      histories: 10,
      foreign: (world) => {
        const { allowService: now } = world.dump() as FakeBigip;
        return [...now].filter((each) => each !== TCP_BGP && now !== 'none');
      },
    });

  const opened = async (allowService: string | readonly string[]) => {
    const { unit: bigip, machines } = bigipWorld({ allowService });
    const ctx = fakeContext(machines);
    const step = bigipSelfIp(place, wish);
    const { changes } = reconcile(step, await step.read(ctx, new Set([TCP_BGP])), new Map());
    await step.write(ctx, changes);
    return { sent: sentBy(ctx), now: bigip.allowService };
  };

  test('admits BGP besides what is admitted', async () => {
    expect([await opened(['tcp:ssh']), await opened(['default']), await opened('none')]).toMatchInlineSnapshot(`
      [
        {
          "now": [
            "tcp:ssh",
            "tcp:bgp",
          ],
          "sent": [
            "tmsh modify net self internal allow-service add { tcp:bgp }",
          ],
        },
        {
          "now": [
            "default",
            "tcp:bgp",
          ],
          "sent": [
            "tmsh modify net self internal allow-service add { tcp:bgp }",
          ],
        },
        {
          "now": [
            "tcp:bgp",
          ],
          "sent": [
            "tmsh modify net self internal allow-service replace-all-with { tcp:bgp }",
          ],
        },
      ]
    `);
  });

  test.each([['all'], [['tcp:179']], [['bgp', 'tcp:ssh']], [['tcp:any']], [['tcp:0', 'udp:520']]])(
    '%j admits BGP already',
    async (allowService) => {
      expect(await opened(allowService)).toEqual({ sent: [], now: allowService });
    },
  );
});

test('a self-IP that somebody opened to all since is left open', async () => {
  const { machines } = bigipWorld({ allowService: 'all' });
  const seen = await bigipSelfIp({ ...unit, selfIp: 'internal' }, []).read(fakeContext(machines), new Set([TCP_BGP]));
  const owned = new Map([[TCP_BGP, { before: undefined, meant: true, ours: [true], settled: true }]]);
  const step = bigipSelfIp({ ...unit, selfIp: 'internal' }, []);
  expect(reconcile(step, seen, owned)).toMatchObject({ changes: [], released: [TCP_BGP] });
});

describe('Static routes of a BIG-IP', () => {
  const nodes = '172.19.0.0/16';
  const foreign = { name: 'lab', network: '10.9.0.0/16', gw: '10.10.2.1' };
  stepLaws('Static routes', {
    step: bigipRoute,
    place: onDomain,
    world: () => bigipWorld({ routes: [foreign, { name: 'nowhere', network: '10.8.0.0/16' }] }),
    wishes: [
      [[nodes, { gw: '10.10.2.10' }]],
      [[nodes, { gw: '10.10.2.11' }]],
      [
        ['10.9.0.0/16', { gw: '10.10.2.1' }],
        ['172.20.0.0/16', { gw: '10.10.2.10' }],
      ],
    ],
    foreign: (world) => (world.dump() as FakeBigip).routes.filter(({ name }) => !name.startsWith('cpaas-')),
  });

  const look = async (routes: BigipSwitches['routes'] & {}, want: BigipRoute = { gw: '10.10.2.10' }) => {
    const step = bigipRoute(onDomain, [[nodes, want]]);
    const { machines } = bigipWorld({ routes });
    return { step, ...reconcile(step, await step.read(fakeContext(machines), new Set([nodes])), new Map()) };
  };

  test('carry the cluster in name and description', async () => {
    const { step, changes } = await look([]);
    expect(step.commands(changes).map(({ argv }) => argv.join(' '))).toMatchInlineSnapshot(`
      [
        "tmsh create net route cpaas-cpaas1-172.19.0.0_16 network 172.19.0.0/16 gw 10.10.2.10 description cpaas:cpaas1",
      ]
    `);
  });

  test('of another route domain carry its number', () => {
    const step = bigipRoute({ ...onDomain, routeDomain: 7 }, []);
    const change = {
      key: nodes,
      from: undefined,
      to: { gw: '10.10.2.10' },
      before: undefined,
      cause: 'wanted',
    } as const;
    expect(step.commands([change])[0]?.argv.join(' ')).toContain('network 172.19.0.0%7/16 gw 10.10.2.10%7');
  });

  test('of somebody else are left where they lead the same way', async () => {
    const { changes, conflicts, satisfied } = await look([{ name: 'nodes', network: nodes, gw: '10.10.2.10' }]);
    expect({ changes, conflicts, satisfied }).toEqual({ changes: [], conflicts: [], satisfied: 1 });
  });

  test('of somebody else that lead another way are a conflict', async () => {
    const { conflicts } = await look([{ name: 'nodes', network: nodes, gw: '10.10.2.99' }]);
    expect(conflicts).toEqual([{ key: nodes, why: `route nodes leads ${nodes} to 10.10.2.99, not 10.10.2.10` }]);
  });

  test('to nowhere are a conflict', async () => {
    const { conflicts } = await look([{ name: 'nodes', network: nodes }]);
    expect(conflicts[0]?.why).toContain('leads 172.19.0.0/16 to blackhole');
  });
});

describe('Conditions on a BIG-IP', () => {
  const place = { ...onDomain, selfIp: 'internal' };
  let codes: readonly (string | undefined)[] = [];
  const conflicts = async (switches: BigipSwitches, routeDomain = 0) => {
    const at = { ...place, routeDomain };
    const step = bigipPreflight(at, bigipConditions(at, [{ selfIp: at.selfIp, address: '10.10.2.20' }]));
    const { machines } = bigipWorld(switches);
    const ctx = fakeContext(machines);
    const found = reconcile(step, await step.read(ctx, new Set(step.want.keys())), new Map());
    expect(found.changes).toEqual([]);
    codes = found.conflicts.map(({ code }) => code);
    return found.conflicts.map(({ why }) => why);
  };

  test('hold on a unit as it should be', async () => {
    for (const version of ['13.1.5', '15.1.10', '17.5.1', '21.0.0']) expect(await conflicts({ version })).toEqual([]);
  });

  test.each<[string, string, BigipSwitches]>([
    ['BIGIP.SELF_IP', 'bigip1 has no self-IP "internal"; in /Common it has: external, inside', { selfIp: 'inside' }],
    [
      'BIGIP.SELF_IP',
      'self-IP internal floats between the units of a pair: BGP needs one that stays',
      { floating: true },
    ],
    [
      'BIGIP.PRODUCT',
      'bigip1 is BIG-IP Next 20.3.0; cpaas knows BIG-IP 13 to 17 and 21',
      { product: 'BIG-IP Next', version: '20.3.0' },
    ],
    ['BIGIP.PRODUCT', 'bigip1 is BIG-IP 12.1.6; cpaas knows BIG-IP 13 to 17 and 21', { version: '12.1.6' }],
    [
      'BIGIP.ROUTING_MODE',
      'bigip1 keeps its routing in tmsh (tmrouted.tmos.routing is enable): imish cannot be used beside it',
      { tmosRouting: true },
    ],
    [
      'BIGIP.ROUTING_MODE',
      'bigip1 keeps BGP in tmsh (net routing bgp bgp_rd0)',
      { version: '17.1.1', tmosBgp: 'net routing bgp bgp_rd0 { local-as 65541 route-domain 0 }\n' },
    ],
    ['BIGIP.LOGIN', 'bigip1 gives this login no rights of an administrator (uid 1001)', { uid: 1001 }],
  ])('%s: %s', async (code, why, switches) => {
    expect(await conflicts(switches)).toEqual([why]);
    expect(codes).toEqual([code]);
  });

  test('a route domain that is not there is named with those that are', async () => {
    expect(await conflicts({}, 5)).toEqual([
      'bigip1 has no route domain 5; in /Common it has: 0',
      'self-IP internal of bigip1 is in route domain 0, not 5',
    ]);
    expect(codes).toEqual(['BIGIP.ROUTE_DOMAIN', 'BIGIP.SELF_IP']);
  });

  test.each<[string, BigipSwitches, boolean, readonly string[]]>([
    ['a unit that stands alone', {}, true, []],
    ['a pair in sync whose other unit is in the plan', { role: 'STANDBY', sync: 'In Sync' }, false, []],
    [
      'a pair of which the plan has one',
      { role: 'STANDBY', sync: 'In Sync' },
      true,
      ['bigip1 is one of a pair (standby), and its peer is not in the plan: config-sync carries no BGP there'],
    ],
    [
      "somebody's changes that wait for config-sync",
      { role: 'ACTIVE', sync: 'Changes Pending' },
      false,
      ['bigip1 (active) says "Changes Pending" of its pair: changes wait for config-sync, which cpaas leaves to you'],
    ],
    [
      'a login that gets no shell',
      { shell: false },
      false,
      [
        expect.stringContaining(
          'bigip1 gives this login no bash: it cannot take a change of BGP back by itself',
        ) as string,
      ],
    ],
    ['a unit that is out', { role: 'FORCED OFFLINE', sync: 'Standalone' }, false, ['bigip1 is forced offline']],
  ])('%s: notes, and nothing in the way', async (_, switches, alone, notes) => {
    const step = bigipPreflight(
      { ...place, alone },
      bigipConditions(place, [{ selfIp: place.selfIp, address: '10.10.2.20' }]),
    );
    const { machines } = bigipWorld(switches);
    const seen = await step.read(fakeContext(machines), new Set(step.want.keys()));
    expect(reconcile(step, seen, new Map()).conflicts).toEqual([]);
    expect([...seen.values()].flatMap((each) => each.notes ?? [])).toEqual(notes);
  });

  test('all that is wrong is said at once', async () => {
    expect(await conflicts({ uid: 1001, version: '12.0.0', selfIp: 'inside', tmosRouting: true }, 5)).toHaveLength(5);
  });

  stepLaws('Conditions', {
    step: bigipPreflight,
    place,
    world: () => bigipWorld(),
    wishes: [[...bigipConditions(place, [{ selfIp: place.selfIp, address: '10.10.2.20' }])]],
  });
});
