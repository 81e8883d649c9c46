import { describe, expect, test } from 'vitest';
import { CpaasError } from '../../../src/core/errors.ts';
import { reconcile } from '../../../src/core/reconcile.ts';
import type { ElementChange } from '../../../src/core/step.ts';
import type { RunOptions } from '../../../src/core/transport.ts';
import { CONFIRM } from '../../../src/routers/bigip/change/guard.ts';
import { wantedBgp } from '../../../src/routers/bigip/config/wanted.ts';
import { bigipBgp } from '../../../src/steps/bigip/bgp.ts';
import { bigipPreflight } from '../../../src/steps/bigip/preflight.ts';
import { BGP, bigipRoutingProtocol } from '../../../src/steps/bigip/routing-protocol.ts';
import { type BigipSwitches, bigipWorld } from '../../helpers/fake-bigip.ts';
import { fakeContext } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const place = { host: 'bigip', unit: 'chs1', routeDomain: 0, cluster: 'cpaas1', asNumber: 64512 };
const wish = (...nodes: number[]) => [
  ...wantedBgp({
    asNumber: 64512,
    clusterAs: 64512,
    peerGroup: 'calico-k8s',
    gracefulRestartTime: 120,
    neighbors: nodes.map((node) => ({ address: `172.19.0.${node}`, asNumber: 64512 })),
  }),
];
const pair = (asNumber: number) => [
  ...wish(2),
  ...(asNumber === 64512
    ? ([['neighbor 10.10.2.21 peer-group', 'calico-k8s']] as const)
    : ([['neighbor 10.10.2.21 remote-as', `${asNumber}`]] as const)),
];
const foreign = [
  'bgp extended-asn-cap',
  'router bgp 64512',
  'bgp log-neighbor-changes',
  'redistribute kernel',
  'neighbor 10.0.0.9 remote-as 65009',
  'neighbor 10.0.0.9 description uplink',
  'neighbor 10.0.0.9 ebgp-multihop 3',
];

stepLaws('BGP on a bare unit', {
  step: bigipBgp,
  place,
  world: () => bigipWorld({ bgp: true }),
  wishes: [wish(2, 3), wish(3, 4, 5), pair(64512), pair(65001)],
  verbatim: false,
  histories: 25,
});

stepLaws('BGP beside sessions of somebody else', {
  step: bigipBgp,
  place,
  world: () => bigipWorld({ bgp: true, zebos: foreign }),
  wishes: [wish(2, 3), pair(65001), pair(64512)],
  verbatim: false,
  histories: 15,
  foreign: (world) => {
    const { zebos } = world.dump() as { zebos: string };
    return zebos.split('\n').filter((line) => /10\.0\.0\.9|redistribute|log-neighbor|extended|router bgp/.test(line));
  },
});

const guarded = (node: number, password: boolean) => [
  ...wantedBgp({
    asNumber: 64512,
    clusterAs: 64512,
    peerGroup: 'calico-k8s',
    gracefulRestartTime: 120,
    neighbors: [{ address: `172.19.0.${node}`, asNumber: 64512 }],
    sessions: {
      password,
      maximumPrefix: 64,
      admit: { cluster: 'cpaas1', pods: ['10.53.0.0/16'], blockSize: 26 },
      announceNothing: { cluster: 'cpaas1' },
    },
  }),
];

stepLaws('BGP with lists and passwords beside sessions of somebody else', {
  step: bigipBgp,
  place: { ...place, password: { env: 'BGP' } },
  world: () =>
    bigipWorld({ bgp: true, zebos: ['ip prefix-list cpaas-other-pods seq 5 permit 10.0.0.0/8', ...foreign] }),
  wishes: [guarded(2, true), wish(2, 3), guarded(3, false)],
  verbatim: false,
  histories: 15,
  foreign: (world) => {
    const { zebos } = world.dump() as { zebos: string };
    return zebos.split('\n').filter((line) => /10\.0\.0\.9|redistribute|log-neighbor|cpaas-other/.test(line));
  },
});

const look = async (switches: BigipSwitches, want = wish(2), at = place) => {
  const { machines } = bigipWorld(switches);
  const step = bigipBgp(at, want);
  const seen = await step.read(fakeContext(machines), new Set(step.want.keys()));
  return { step, seen, found: reconcile(step, seen, new Map()) };
};

describe('BGP on a BIG-IP', () => {
  test('is typed into imish as the article does it, each neighbor with its mark', async () => {
    const { unit, machines } = bigipWorld({ bgp: true });
    const { step, found } = await look({ bgp: true }, wish(2, 3));
    expect(step.commands(found.changes)).toMatchInlineSnapshot(`
      [
        {
          "argv": [
            "sh",
            "-c",
            "<arms a revert: these lines after 120 s, unless confirmed>",
            "cpaas",
            "/var/tmp/cpaas-bgp-rd0",
          ],
          "stdin": "no router bgp 64512
      ",
        },
        {
          "argv": [
            "env",
            "TERM=vt100",
            "imish",
            "-r",
            "0",
          ],
          "stdin": "enable
      configure terminal
      router bgp 64512
      bgp graceful-restart restart-time 120
      neighbor calico-k8s peer-group
      neighbor calico-k8s remote-as 64512
      neighbor 172.19.0.2 peer-group calico-k8s
      neighbor 172.19.0.2 description cpaas:cpaas1
      neighbor 172.19.0.3 peer-group calico-k8s
      neighbor 172.19.0.3 description cpaas:cpaas1
      end
      ",
        },
        {
          "argv": [
            "sh",
            "-c",
            "<confirms, when all was read back>",
            "cpaas",
            "/var/tmp/cpaas-bgp-rd0",
            "<token>",
          ],
        },
      ]
    `);
    await step.write(fakeContext(machines), found.changes);
    expect(unit.typed).toMatchInlineSnapshot(`
      [
        "router bgp 64512",
        "bgp graceful-restart restart-time 120",
        "neighbor calico-k8s peer-group",
        "neighbor calico-k8s remote-as 64512",
        "neighbor 172.19.0.2 peer-group calico-k8s",
        "neighbor 172.19.0.2 description cpaas:cpaas1",
        "neighbor 172.19.0.3 peer-group calico-k8s",
        "neighbor 172.19.0.3 description cpaas:cpaas1",
        "end",
      ]
    `);
    expect(unit.zebos.show()).toMatchInlineSnapshot(`
      "!
      no service password-encryption
      !
      router bgp 64512
       bgp graceful-restart restart-time 120
       neighbor calico-k8s peer-group
       neighbor calico-k8s remote-as 64512
       neighbor 172.19.0.2 peer-group calico-k8s
       neighbor 172.19.0.2 description cpaas:cpaas1
       neighbor 172.19.0.3 peer-group calico-k8s
       neighbor 172.19.0.3 description cpaas:cpaas1
      !
      line con 0
       login
      line vty 0 39
       login
      !
      end

      "
    `);
  });

  test('says how far it is', async () => {
    const { machines } = bigipWorld({ bgp: true });
    const { step, found } = await look({ bgp: true });
    const ctx = fakeContext(machines);
    await step.write(ctx, found.changes);
    expect(ctx.said.at(-1)).toMatch(/^6 of 6 lines · reverts by itself in [12]:\d\d$/);
  });

  test('wants nothing of a unit without BGP to be removed', async () => {
    const { seen } = await look({ bgp: false });
    expect(seen).toEqual(new Map());
  });

  test('waits for the daemon that comes up', async () => {
    const { seen } = await look({ bgp: true, daemonAsks: 2, zebos: ['router bgp 64512'] });
    expect(seen).toEqual(new Map([['router bgp', { value: '64512' }]]));
  });

  test('waits for the daemon also inside a conversation', async () => {
    const { unit, machines } = bigipWorld({ bgp: true });
    const { step, found } = await look({ bgp: true });
    unit.beforeConversation = () => {
      unit.daemonAsks = 1;
    };
    await step.write(fakeContext(machines), found.changes);
    expect(unit.typed.slice(0, 2)).toEqual(['router bgp 64512', 'router bgp 64512']);
    expect(unit.zebos.show()).toContain('neighbor 172.19.0.2 peer-group calico-k8s');
  });

  test('does not share a unit with BGP in another AS', async () => {
    const { found } = await look({ bgp: true, zebos: ['router bgp 65000'] });
    expect(found.conflicts).toEqual([
      {
        key: 'router bgp',
        why: 'BGP runs there in AS 65000 already; the file asks for AS 64512, and there can be only one',
      },
    ]);
  });

  test('does not take a neighbor that somebody peers with otherwise', async () => {
    const { found } = await look({
      bgp: true,
      zebos: ['router bgp 64512', 'neighbor 172.19.0.2 remote-as 65009'],
    });
    expect(found.conflicts).toEqual([
      {
        key: 'neighbor 172.19.0.2 peer-group',
        why: 'neighbor 172.19.0.2 is there already with remote-as 65009, not peer-group calico-k8s',
      },
    ]);
  });

  test('leaves the restart time that the operator chose', async () => {
    const { found } = await look({ bgp: true, zebos: ['router bgp 64512', 'bgp graceful-restart restart-time 300'] });
    expect(found.conflicts).toEqual([]);
    expect(found.changes.map(({ key }) => key)).not.toContain('bgp graceful-restart restart-time');
  });

  test('knows whose a neighbor is by its description', async () => {
    const member = (address: string, description: string) => [
      `neighbor ${address} peer-group calico-k8s`,
      `neighbor ${address} description ${description}`,
    ];
    const { found } = await look({
      bgp: true,
      zebos: [
        'router bgp 64512',
        'bgp graceful-restart restart-time 120',
        'neighbor calico-k8s peer-group',
        'neighbor calico-k8s remote-as 64512',
        ...member('172.19.0.2', 'rack 7'),
        ...member('172.19.0.3', 'cpaas:cpaas1'),
        ...member('172.19.0.4', 'cpaas:cpaas2'),
      ],
    });
    expect(found.changes.map(({ key, to, cause }) => ({ key, to, cause }))).toEqual([
      { key: 'neighbor 172.19.0.3 peer-group', to: undefined, cause: 'unwanted' },
    ]);
  });

  test('keeps somebody else’s words about a neighbor', async () => {
    const { unit, machines } = bigipWorld({ bgp: true, zebos: ['router bgp 64512'] });
    const step = bigipBgp(place, wish(2));
    const ctx = fakeContext(machines);
    const { changes } = reconcile(step, await step.read(ctx, new Set(step.want.keys())), new Map());
    await step.write(ctx, changes);
    unit.operator(['router bgp 64512', 'neighbor 172.19.0.2 description rack 7']);
    await step.write(ctx, changes);
    expect(unit.zebos.show()).toContain('neighbor 172.19.0.2 description rack 7');
  });

  test('a refused line stops everything after it, and is quoted', async () => {
    const { unit, machines } = bigipWorld({ bgp: true });
    const step = bigipBgp(place, []);
    const change = (key: string, to: string): ElementChange => ({
      ...{ key, to, from: undefined, before: undefined },
      cause: 'wanted',
    });
    const changes = [change('router bgp', '64512'), change('neighbor 172.19.0.4 peer-group', 'nobody')];
    await expect(step.write(fakeContext(machines), changes)).rejects.toMatchObject({
      code: 'BGP.REFUSED',
      message: 'bigip1 refused a line of the change',
      evidence: [
        { label: 'line', text: 'neighbor 172.19.0.4 peer-group nobody' },
        { label: 'answer', text: '% Configure the peer-group first' },
        { label: 'state', text: 'nothing of this change is left on bigip1 (read back)' },
      ],
    });
    expect(unit.typed).toEqual(['router bgp 64512', 'neighbor 172.19.0.4 peer-group nobody']);
  });

  test('an AS that got there first is refused although nothing in the answer looks like an error', async () => {
    const { unit, machines } = bigipWorld({ bgp: true });
    const { step, found } = await look({ bgp: true });
    unit.beforeConversation = () => unit.operator(['router bgp 65000']);
    await expect(step.write(fakeContext(machines), found.changes)).rejects.toMatchObject({
      code: 'BGP.REFUSED',
      evidence: [{ text: 'router bgp 64512' }, { text: 'BGP is already running; AS is 65000' }, { label: 'state' }],
    });
    expect(unit.typed).toEqual(['router bgp 64512']);
  });

  test('an operator who was quicker is noticed before the first line', async () => {
    const { unit, machines } = bigipWorld({ bgp: true });
    const { step, found } = await look({ bgp: true });
    unit.operator(['router bgp 65000']);
    await expect(step.write(fakeContext(machines), found.changes)).rejects.toMatchObject({ code: 'BGP.CHANGED' });
    expect(unit.typed).toEqual([]);
  });

  test('the AS of a unit changes with everything in it made anew', async () => {
    const { unit, machines } = bigipWorld({ bgp: true, zebos: foreign });
    const step = bigipBgp({ ...place, asNumber: 65000 }, []);
    const change = { key: 'router bgp', from: '64512', to: '65000', before: undefined, cause: 'wanted' } as const;
    expect(step.risk(change).risk).toBe('destructive');
    await step.write(fakeContext(machines), [change]);
    expect(unit.typed).toMatchInlineSnapshot(`
      [
        "no router bgp 64512",
        "router bgp 65000",
        "bgp log-neighbor-changes",
        "neighbor 10.0.0.9 remote-as 65009",
        "neighbor 10.0.0.9 description uplink",
        "neighbor 10.0.0.9 ebgp-multihop 3",
        "redistribute kernel",
        "end",
      ]
    `);
  });

  test('what dies is said', () => {
    const step = bigipBgp(place, []);
    const risk = (key: string, from: unknown, to?: unknown) =>
      step.risk({ key, from, to, before: undefined, cause: 'unwanted' });
    expect([
      risk('neighbor 172.19.0.2 peer-group', undefined, 'calico-k8s'),
      risk('neighbor 172.19.0.2 peer-group', 'calico-k8s'),
      risk('neighbor calico-k8s remote-as', '64512', '65000'),
      risk('router bgp', '64512'),
    ]).toMatchInlineSnapshot(`
      [
        {
          "risk": "additive",
        },
        {
          "risk": "disruptive",
          "why": "the session with 172.19.0.2 ends",
        },
        {
          "risk": "destructive",
          "why": "every session of peer group calico-k8s ends",
        },
        {
          "risk": "destructive",
          "why": "every BGP session of AS 64512 on this route domain ends",
        },
      ]
    `);
  });
});

describe('What dies on a BIG-IP', () => {
  const stakes = async (
    zebos: readonly string[],
    want: ReturnType<typeof wish>,
    owned: readonly (readonly [string, unknown])[],
  ) => {
    const { machines } = bigipWorld({ bgp: true, zebos });
    const step = bigipBgp(place, want);
    const ours = new Map(
      owned.map(([key, value]) => [key, { before: undefined, meant: value, ours: [value], settled: true }]),
    );
    const seen = await step.read(fakeContext(machines), new Set([...step.want.keys(), ...ours.keys()]));
    return reconcile(step, seen, ours).changes.map((change) => [change.key, step.risk(change).why]);
  };
  const group = ['neighbor calico-k8s peer-group', 'neighbor calico-k8s remote-as 65000'];
  const members = (...nodes: number[]) => nodes.map((node) => `neighbor 172.19.0.${node} peer-group calico-k8s`);

  test('is named session by session when the AS changes', async () => {
    const changes = await stakes(['router bgp 65000', ...group, ...members(2, 3)], wish(2, 3), [
      ['router bgp', '65000'],
    ]);
    expect(changes).toContainEqual([
      'router bgp',
      'every BGP session of AS 65000 on this route domain ends: 172.19.0.2, 172.19.0.3',
    ]);
  });

  test('is named when a group gets another AS: its members, and nobody else', async () => {
    const zebos = ['router bgp 64512', ...group, ...members(2, 3), 'neighbor 10.0.0.9 remote-as 65009'];
    const changes = await stakes(zebos, wish(2, 3), [['neighbor calico-k8s remote-as', '65000']]);
    expect(changes).toContainEqual([
      'neighbor calico-k8s remote-as',
      'every session of peer group calico-k8s ends: 172.19.0.2, 172.19.0.3',
    ]);
  });

  test('of a big group is told by its first dozen', async () => {
    const many = Array.from({ length: 30 }, (_, n) => n + 2);
    const changes = await stakes(['router bgp 64512', ...group, ...members(...many)], wish(...many), [
      ['neighbor calico-k8s remote-as', '65000'],
    ]);
    expect(JSON.stringify(changes)).toContain('172.19.0.20 and 18 more');
  });
});

describe('A password of BGP on a BIG-IP', () => {
  const secret = 's3cret';
  const about = async (password = secret, zebos: readonly string[] = []) => {
    const world = bigipWorld({ bgp: true, zebos });
    const step = bigipBgp({ ...place, password: { env: 'BGP' } }, guarded(2, true));
    const ctx = { ...fakeContext(world.machines), secret: async () => password };
    const { changes } = reconcile(step, await step.read(ctx, new Set(step.want.keys())), new Map());
    return { ...world, step, ctx, changes };
  };

  test('is typed, and said nowhere else', async () => {
    const { unit, step, ctx, changes } = await about();
    expect(JSON.stringify(step.commands(changes))).toContain('neighbor calico-k8s password <password>');
    await step.write(ctx, changes);
    expect(unit.typed).toContain(`neighbor calico-k8s password ${secret}`);
    expect(JSON.stringify([ctx.said, ctx.sent.map(({ argv }) => argv), changes])).not.toContain(secret);
  });

  test('that may be another by now is typed anew when asked to, and is in no file of the unit', async () => {
    const { unit, step, ctx, changes } = await about();
    await step.write(ctx, changes);
    const mine = (value: unknown) => ({ before: undefined, meant: value, ours: [value], settled: true });
    const owned = new Map([...step.want].map(([key, value]) => [key, mine(value)]));
    const seen = await step.read(ctx, new Set(step.want.keys()));
    expect(reconcile(step, seen, owned).changes).toEqual([]);
    const renewal = reconcile(step, seen, owned, { renew: true }).changes;
    expect(renewal.map((each) => [step.describe(each), step.risk(each)])).toEqual([
      [
        'neighbor calico-k8s password <password> (anew)',
        { risk: 'disruptive', why: 'every session of peer group calico-k8s may start anew: 172.19.0.2' },
      ],
    ]);
    const another = { ...ctx, secret: async () => 'An0ther' };
    unit.typed.length = 0;
    await step.write(another, renewal);
    expect(unit.typed).toEqual(['router bgp 64512', 'neighbor calico-k8s password An0ther', 'end']);
    expect(JSON.stringify(ctx.sent)).not.toContain('An0ther');
    // no file shows that it is the old one that is saved
    await step.close?.act(another, []);
    expect(another.sent.at(-1)?.argv.join(' ')).toBe('env TERM=vt100 imish -r 0 -e write');
    // somebody else's is not ours to renew, and one end alone would end the sessions
    const others = reconcile(step, seen, new Map(), { renew: true });
    expect(others.changes).toEqual([]);
    expect(others.conflicts.map(({ key }) => key)).toEqual(['neighbor calico-k8s password']);
    // a renewal that was cut off: nobody sees which of the two it is
    const cutOff = new Map([...owned].map(([key, each]) => [key, { ...each, settled: false }]));
    const again = reconcile(step, seen, cutOff);
    expect(again.changes).toMatchObject([{ key: 'neighbor calico-k8s password', cause: 'unfinished' }]);
    expect(reconcile(step, seen, cutOff, { proves: true }).changes).toEqual([]);
  });

  test('that is refused is not quoted', async () => {
    const { unit, step, ctx, changes } = await about();
    unit.zebos.refuses = 'neighbor calico-k8s password';
    const error: unknown = await step.write(ctx, changes).catch((why: unknown) => why);
    expect(error).toMatchObject({
      code: 'BGP.REFUSED',
      evidence: [{ text: 'neighbor calico-k8s password <password>' }, {}, {}],
    });
  });

  test.each(['', 'two words', 'a\nno router bgp 64512'])('%j is none, and nothing is sent', async (bad) => {
    const { unit, step, ctx, changes } = await about(bad);
    await expect(step.write(ctx, changes)).rejects.toMatchObject({ code: 'BGP.PASSWORD' });
    expect([unit.typed, unit.guard.armed]).toEqual([[], false]);
  });

  test('of somebody else is not lost by making his neighbor another way', async () => {
    const theirs = ['router bgp 64512', 'neighbor 10.0.0.9 remote-as 65009', 'neighbor 10.0.0.9 password x'];
    const { unit, ctx } = await about(secret, theirs);
    const step = bigipBgp({ ...place, asNumber: 65000, password: { env: 'BGP' } }, []);
    const change = { key: 'router bgp', from: '64512', to: '65000', before: undefined, cause: 'wanted' } as const;
    await expect(step.write(ctx, [change])).rejects.toMatchObject({
      code: 'BGP.PASSWORD',
      evidence: [{ text: 'neighbor 10.0.0.9 password <password>' }],
    });
    expect(unit.typed).toEqual([]);
  });

  test('that the file no longer names goes, though nobody could give it back', async () => {
    const { unit, step, ctx, changes } = await about();
    await step.write(ctx, changes);
    const later = bigipBgp(place, []);
    const gone = {
      key: 'neighbor calico-k8s password',
      from: true,
      to: undefined,
      before: undefined,
      cause: 'wanted',
    } as const;
    expect(JSON.stringify(later.commands([gone]))).not.toContain('<password>');
    await later.write(ctx, [gone]);
    expect(unit.zebos.show()).not.toContain('password **');
    expect([...unit.zebos.passwords()]).toEqual([]);
  });

  test('is given back when the change that takes it away is taken back', async () => {
    const { unit, step, ctx, changes } = await about();
    await step.write(ctx, changes);
    const before = unit.zebos.passwords();
    unit.zebos.deaf = 'no neighbor calico-k8s maximum-prefix';
    const gone = (key: string, from: unknown) => ({
      key,
      from,
      to: undefined,
      before: undefined,
      cause: 'unwanted' as const,
    });
    const removed = [gone('neighbor calico-k8s password', true), gone('neighbor calico-k8s maximum-prefix', '64')];
    await expect(step.write(ctx, removed)).rejects.toMatchObject({ code: 'BGP.NOT_IN_FORCE' });
    expect([before, unit.zebos.passwords()]).toEqual([[secret], [secret]]);
  });
});

describe('A change of BGP on a BIG-IP', () => {
  const about = async (switches: BigipSwitches, want = wish(2, 3)) => {
    const world = bigipWorld({ bgp: true, ...switches });
    const step = bigipBgp(place, want);
    const ctx = fakeContext(world.machines, { power: world.power });
    const look = async () => reconcile(step, await step.read(ctx, new Set(step.want.keys())), new Map());
    return { ...world, step, ctx, look, first: world.unit.zebos.show(), changes: (await look()).changes };
  };
  const elsewhere = {
    token: 'f00d',
    user: 'mel',
    machine: 'prod',
    pid: 7,
    born: '1',
    since: '2026-11-22',
    seconds: 120,
  };

  test('is taken back by the unit itself when cpaas dies between any two lines', async () => {
    for (let cut = 0, done = false; !done; cut++) {
      const { unit, power, ctx, step, changes, first } = await about({ zebos: foreign });
      power.supply(cut);
      done = await step.write(ctx, changes).then(
        () => true,
        () => false,
      );
      power.supply();
      unit.guard.pass(120);
      expect(unit.guard.armed).toBe(false);
      expect(unit.zebos.show() === first, `cut after ${cut}`).toBe(!done);
    }
  });

  test('that a dead run has left is not seen as standing, and is taken back before the next one', async () => {
    const { unit, power, ctx, step, look, first, changes } = await about({});
    power.supply(4);
    await expect(step.write(ctx, changes)).rejects.toThrow();
    power.supply();
    expect([unit.guard.armed, unit.zebos.show() === first]).toEqual([true, false]);
    expect((await look()).changes).toEqual(changes);
    unit.typed.length = 0;
    await step.write(ctx, changes);
    expect(ctx.said).toContain('takes back what a run left unfinished');
    expect(unit.typed[0]).toBe('router bgp 64512');
    expect((await look()).changes).toEqual([]);
    expect(unit.guard.armed).toBe(false);
  });

  test('that a dead run has left is taken back before anything is saved, and before BGP goes', async () => {
    const { unit, power, ctx, step, first, changes } = await about({});
    for (const next of [
      () => step.close?.act(ctx, [{ unsaved: [] }]),
      () =>
        bigipRoutingProtocol({ ...place }, []).write(ctx, [
          { key: BGP, from: true, to: undefined, before: undefined, cause: 'unwanted' },
        ]),
    ]) {
      power.supply(4);
      await expect(step.write(ctx, changes)).rejects.toThrow();
      power.supply();
      await next();
      expect([unit.zebos.show(), unit.files.get('/config/zebos/rd0/ZebOS.conf')]).toEqual([first, first]);
    }
  });

  test('is confirmed when all of it was read back: time changes nothing then', async () => {
    const { unit, ctx, step, look, changes } = await about({});
    await step.write(ctx, changes);
    unit.guard.pass(1000);
    expect((await look()).changes).toEqual([]);
  });

  test('waits while somebody else is at work, and says who', async () => {
    const { unit, ctx, step, changes } = await about({});
    unit.guard.holdBy(elsewhere);
    await expect(step.write(ctx, changes)).rejects.toMatchObject({
      code: 'BGP.HELD',
      evidence: [{ text: '7 of mel on prod' }, { text: '2026-11-22' }],
    });
    const other = bigipPreflight({ ...place, selfIp: 'internal' }, [['no other run', true]]);
    const { conflicts } = reconcile(other, await other.read(ctx, new Set(['no other run'])), new Map());
    expect(conflicts[0]?.why).toBe('bigip1 is held by another cpaas: process 7 of mel on prod, since 2026-11-22');
    expect(unit.typed).toEqual([]);
    unit.guard.kill();
    await step.write(ctx, changes);
    expect(unit.zebos.show()).toContain('neighbor 172.19.0.3 peer-group calico-k8s');
  });

  test('that another version of cpaas holds is not touched', async () => {
    const { unit, ctx, step, changes } = await about({});
    unit.guard.holdBy({ made: 'otherwise' });
    await expect(step.write(ctx, changes)).rejects.toMatchObject({ code: 'BGP.HELD', evidence: [{ label: 'folder' }] });
  });

  test('of somebody who armed in the meantime is not disturbed', async () => {
    const { unit, ctx, step, changes } = await about({});
    const { host } = ctx;
    const late: typeof ctx = {
      ...ctx,
      host: (key) => {
        const unitAsSeen = host(key);
        return {
          ...unitAsSeen,
          run: (argv, options) => {
            if (!unit.guard.armed) unit.guard.holdBy(elsewhere);
            return unitAsSeen.run(argv, options);
          },
        };
      },
    };
    await expect(step.write(late, changes)).rejects.toMatchObject({ code: 'BGP.HELD' });
    expect([unit.typed, unit.guard.armed]).toEqual([[], true]);
  });

  test('that costs a session which was up and is not in it is taken back', async () => {
    const { unit, ctx, step, first, changes } = await about({ zebos: foreign });
    unit.established.add('10.0.0.9');
    unit.beforeConversation = () => unit.established.clear();
    await expect(step.write(ctx, changes)).rejects.toMatchObject({
      code: 'BGP.SESSION_LOST',
      evidence: [{ label: 'neighbor', text: '10.0.0.9' }, { label: 'state' }],
    });
    expect(unit.zebos.show()).toBe(first);
  });

  describe.each([
    ['two summaries', {}],
    ['one summary', { ipv6Summary: false }],
    ['two summaries and no shell', { shell: false }],
  ] as const)('on a unit with %s', (_, switches) => {
    const six = ['2001:db8::9', '2001:db8:aaaa:bbbb::9'];
    const neighbors = six.map((each) => `neighbor ${each} remote-as 65009`);
    const activated = six.map((each) => `neighbor ${each} activate`);
    const ofBoth = { ...switches, zebos: [...foreign, ...neighbors, 'address-family ipv6', ...activated] };

    test('that costs a session of IPv6 which was up is taken back', async () => {
      const { unit, ctx, step, first, changes } = await about(ofBoth);
      for (const address of ['10.0.0.9', ...six]) unit.established.add(address);
      unit.beforeConversation = () => six.map((each) => unit.established.delete(each));
      await expect(step.write(ctx, changes)).rejects.toMatchObject({
        code: 'BGP.SESSION_LOST',
        evidence: [...six.map((text) => ({ label: 'neighbor', text })), { label: 'state' }],
      });
      expect(unit.zebos.show()).toBe(first);
    });

    test('that leaves the sessions of both protocols up stays', async () => {
      const { unit, ctx, step, changes } = await about(ofBoth);
      for (const address of ['10.0.0.9', ...six]) unit.established.add(address);
      await step.write(ctx, changes);
      expect(unit.zebos.show()).toContain('neighbor 172.19.0.3 peer-group calico-k8s');
    });

    test('is made without a question about IPv6 where the unit has none', async () => {
      const { unit, ctx, step, changes } = await about({ ...switches, zebos: foreign });
      unit.established.add('10.0.0.9');
      unit.asked.length = 0;
      await step.write(ctx, changes);
      const [running, summary] = ['show running-config', 'show ip bgp summary'];
      expect(unit.asked).toEqual([running, summary, running, summary]);
    });
  });

  test('may end the sessions that it is about', async () => {
    const { unit, ctx, step, changes } = await about({});
    await step.write(ctx, changes);
    unit.established.add('172.19.0.2').add('172.19.0.3');
    const gone = { key: 'neighbor 172.19.0.3 peer-group', from: 'calico-k8s', to: undefined } as const;
    await step.write(ctx, [{ ...gone, before: undefined, cause: 'unwanted' }]);
    expect(unit.zebos.show()).not.toContain('172.19.0.3');
  });

  test('of a configuration that somebody edits at that moment is not begun', async () => {
    const { unit, ctx, step, changes } = await about({});
    const { host } = ctx;
    let edited = false;
    const late: typeof ctx = {
      ...ctx,
      host: (key) => ({
        ...host(key),
        run: (argv, options) => {
          if (!edited) unit.operator(['router bgp 64512', 'timers bgp 3 9']);
          edited = true;
          return host(key).run(argv, options);
        },
      }),
    };
    await expect(step.write(late, changes)).rejects.toMatchObject({ code: 'BGP.CHANGED' });
    expect(unit.typed).toEqual([]);
    expect(unit.zebos.show()).toContain('timers bgp 3 9');
  });

  test('that is read back otherwise is taken back', async () => {
    const { unit, ctx, step, first, changes } = await about({});
    unit.zebos.deaf = 'bgp graceful-restart restart-time 120';
    await expect(step.write(ctx, changes)).rejects.toMatchObject({
      code: 'BGP.NOT_IN_FORCE',
      evidence: [{ label: 'bgp graceful-restart restart-time', text: 'is not there' }, { label: 'state' }],
    });
    expect(unit.zebos.show()).toBe(first);
  });

  test.each([
    ['read back', 'queryAll', () => true],
    ['confirmed', 'run', (argv: readonly string[]) => argv.includes(CONFIRM)],
  ] as const)('that is %s too late was taken back', async (_, verb, isLate) => {
    const { unit, ctx, step, first, changes } = await about({});
    const { host } = ctx;
    const late: typeof ctx = {
      ...ctx,
      host: (key) => {
        const there = host(key);
        const slow = (asked: readonly unknown[], options?: RunOptions) => {
          if (unit.typed.length > 0 && isLate(asked as readonly string[])) unit.guard.pass(121);
          return there[verb](asked as never, options) as Promise<never>;
        };
        return { ...there, [verb]: slow };
      },
    };
    await expect(step.write(late, changes)).rejects.toMatchObject({
      code: 'BGP.REVERTED',
      evidence: [{ label: 'state', text: 'nothing of this change is left on bigip1 (read back)' }],
    });
    expect(unit.zebos.show()).toBe(first);
  });

  test('has no line typed that could arrive after its time', async () => {
    const { machines, unit, changes } = await about({});
    const ctx = fakeContext(machines);
    await expect(bigipBgp({ ...place, revertAfter: 1 }, []).write(ctx, changes)).rejects.toMatchObject({
      code: 'BGP.REVERTED',
    });
    expect(unit.typed).toEqual([]);
  });

  test('says what protects it when the unit cannot be reached any more', async () => {
    const { unit, ctx, step, changes } = await about({});
    const { host } = ctx;
    const gone = new CpaasError('HOST.UNREACHABLE', 'no answer');
    const cut: typeof ctx = {
      ...ctx,
      host: (key) => ({
        ...host(key),
        run: (argv, options) => (unit.typed.length > 0 ? Promise.reject(gone) : host(key).run(argv, options)),
        queryAll: (all) => (unit.typed.length > 0 ? Promise.reject(gone) : host(key).queryAll(all)),
      }),
    };
    await expect(step.write(cut, changes)).rejects.toMatchObject({
      code: 'HOST.UNREACHABLE',
      evidence: [
        { label: 'state', text: expect.stringMatching(/^the unit takes the change back by itself within [12]:/) },
      ],
    });
    expect(unit.guard.armed).toBe(true);
  });
});

describe('A change of BGP where the login gets no shell', () => {
  const about = async (switches: BigipSwitches = {}) => {
    const world = bigipWorld({ bgp: true, shell: false, ...switches });
    const step = bigipBgp(place, wish(2, 3));
    const ctx = fakeContext(world.machines);
    const { changes } = reconcile(step, await step.read(ctx, new Set(step.want.keys())), new Map());
    return { ...world, step, ctx, changes, first: world.unit.zebos.show() };
  };

  test('is typed, read back and saved, with nothing but imish', async () => {
    const { unit, step, ctx, changes } = await about();
    await step.write(ctx, changes);
    expect(unit.zebos.show()).toContain('neighbor 172.19.0.3 peer-group calico-k8s');
    expect(ctx.said.at(-1)).toBe('8 of 8 lines · taken back from here if it fails');
    expect(await step.close?.act(ctx, [])).toBeUndefined();
    expect(ctx.sent.map(({ argv }) => argv.join(' '))).toEqual([
      'env TERM=vt100 imish -r 0',
      'env TERM=vt100 imish -r 0 -e write',
    ]);
  });

  test.each(['neighbor calico-k8s remote-as', 'neighbor 172.19.0.3'])(
    'is taken back from here when %s is refused',
    async (line) => {
      const { unit, step, ctx, changes, first } = await about();
      unit.zebos.refuses = line;
      await expect(step.write(ctx, changes)).rejects.toMatchObject({
        code: 'BGP.REFUSED',
        evidence: [
          { label: 'line' },
          { label: 'answer' },
          { label: 'state', text: 'nothing of this change is left on bigip1 (read back)' },
        ],
      });
      expect(unit.zebos.show()).toBe(first);
    },
  );

  test('that ends a session of somebody else is taken back', async () => {
    const { unit, step, ctx, changes, first } = await about({ zebos: foreign });
    unit.established.add('10.0.0.9');
    unit.beforeConversation = () => unit.established.clear();
    await expect(step.write(ctx, changes)).rejects.toMatchObject({ code: 'BGP.SESSION_LOST' });
    expect(unit.zebos.show()).toBe(first);
  });

  test('says who takes it back when the unit cannot be reached any more', async () => {
    const { unit, ctx, step, changes } = await about();
    const { host } = ctx;
    const gone = new CpaasError('HOST.UNREACHABLE', 'no answer');
    const cut: typeof ctx = {
      ...ctx,
      host: (key) => ({
        ...host(key),
        open: (argv) => (unit.typed.length > 0 ? Promise.reject(gone) : host(key).open(argv)),
        queryAll: (all) => (unit.typed.length > 0 ? Promise.reject(gone) : host(key).queryAll(all)),
      }),
    };
    const text = 'bigip1 cannot be reached to take the change back: cpaas rollback does, cpaas bgp peer goes on';
    await expect(step.write(cut, changes)).rejects.toMatchObject({
      code: 'HOST.UNREACHABLE',
      evidence: [{ label: 'state', text }],
    });
  });

  stepLaws('BGP from a login without a shell', {
    step: bigipBgp,
    place,
    world: () => bigipWorld({ bgp: true, shell: false, zebos: foreign }),
    wishes: [wish(2, 3), wish(3)],
    verbatim: false,
    histories: 10,
    foreign: (world) => {
      const { zebos } = world.dump() as { zebos: string };
      return zebos.split('\n').filter((line) => /10\.0\.0\.9|redistribute|log-neighbor/.test(line));
    },
  });
});

describe('Saving BGP', () => {
  const closing = async (switches: BigipSwitches) => {
    const world = bigipWorld({ bgp: true, ...switches });
    const { close } = bigipBgp(place, []);
    if (!close) throw new Error('it closes');
    const ctx = fakeContext(world.machines);
    return { ...world, ctx, close, before: await close.before(ctx) };
  };

  test('writes, and reads back that what is in force is what a restart brings', async () => {
    const { unit, ctx, close, before } = await closing({});
    unit.operator(['router bgp 64512']);
    expect(await close.act(ctx, [before])).toBeUndefined();
    expect(ctx.sent.map(({ argv }) => argv.join(' '))).toEqual(['env TERM=vt100 imish -r 0 -e write']);
    expect(unit.files.get('/config/zebos/rd0/ZebOS.conf')).toContain('router bgp 64512');
  });

  test('leaves unsaved what somebody else had not saved', async () => {
    const { unit, ctx, close, before } = await closing({ zebos: ['router bgp 64512'], saved: false });
    unit.operator(['router bgp 64512', 'bgp log-neighbor-changes']);
    expect(await close.act(ctx, [JSON.parse(JSON.stringify(before))])).toMatchInlineSnapshot(
      `"not saved, since somebody's changes had not been saved before (not saved: router bgp 64512): write in imish saves all"`,
    );
    expect(unit.files.size).toBe(0);
    expect(await close.act(ctx, [])).toBeUndefined();
    expect(unit.files.get('/config/zebos/rd0/ZebOS.conf')).toContain('bgp log-neighbor-changes');
  });

  test('saves when what somebody had left unsaved is no more', async () => {
    const { unit, ctx, close } = await closing({ zebos: ['router bgp 64512', 'timers bgp 3 9'] });
    unit.operator(['router bgp 64512', 'no timers bgp 3 9']);
    const before = await close.before(ctx);
    unit.operator(['router bgp 64512', 'timers bgp 3 9', 'bgp log-neighbor-changes']);
    expect(await close.act(ctx, [before])).toBeUndefined();
    expect(unit.files.get('/config/zebos/rd0/ZebOS.conf')).toContain('bgp log-neighbor-changes');
  });

  test('a disk that is full is noticed', async () => {
    const { unit, ctx, close, before } = await closing({ diskFull: true });
    unit.operator(['router bgp 64512']);
    await expect(close.act(ctx, [before])).rejects.toMatchObject({ code: 'BGP.NOT_SAVED' });
  });
});
