import { describe, expect, test } from 'vitest';
import { reconcile } from '../../../src/core/reconcile.ts';
import { dockerForwarding, forwardRouter, forwardSource } from '../../../src/steps/docker/forwarding.ts';
import { type FakeContext, fakeContext, Power } from '../../helpers/fake-host.ts';
import { FakeIptables } from '../../helpers/fake-iptables.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const HOST = 'netns:lab-vm-vm';
const place = { host: HOST, cluster: 'cpaas1', uplink: 'up0', bridge: 'br-k3d', nodes: '172.19.0.0/16' };

/** The rules of Docker 28.2 and later that matter here, and an admin's own. */
const docker28 = `
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -d 172.19.0.3/32 ! -i br-k3d -j DROP
COMMIT
*filter
:FORWARD DROP [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A DOCKER-USER -s 203.0.113.0/24 -m comment --comment "the admin's \\"own\\"" -j DROP
-A DOCKER-USER -s 10.10.2.20/32 -i up0 -o br-other -m comment --comment "cpaas:cpaas2:accept 10.10.2.20 (filter)" -j ACCEPT
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 172.19.0.0/16 ! -o br-k3d -j MASQUERADE
COMMIT
`;

function vm(save = docker28) {
  const power = new Power();
  const iptables = new FakeIptables(save, power);
  const programs = { 'iptables-save': iptables.save, 'iptables-restore': iptables.restore };
  const machines = { [HOST]: { name: 'vm', programs } };
  return { power, iptables, machines, ctx: fakeContext(machines), dump: () => [...iptables.tables] };
}

stepLaws('docker.forwarding', {
  step: dockerForwarding,
  place,
  world: () => vm(),
  foreign: ({ dump }) =>
    (dump() as [string, string[]][]).map(([table, lines]) => [
      table,
      lines.filter((line) => !line.includes('cpaas:cpaas1:')),
    ]),
  wishes: [
    [...forwardRouter(place, '10.10.2.20'), ...forwardSource(place, '10.20.0.0/24')],
    [...forwardRouter({ ...place, bridge: 'br-new' }, '10.10.2.20'), ...forwardRouter(place, '10.10.2.21')],
  ],
});

const step = dockerForwarding(place, forwardRouter(place, '10.10.2.20'));
const changes = async (ctx: FakeContext) => {
  const seen = await step.read(ctx, new Set(step.want.keys()));
  return reconcile(step, seen, new Map()).changes;
};

describe('docker.forwarding', () => {
  test('adds the three rules of a router in one command, each table whole', async () => {
    expect(step.commands(await changes(vm().ctx))).toMatchInlineSnapshot(`
      [
        {
          "argv": [
            "iptables-restore",
            "-w",
            "5",
            "--noflush",
          ],
          "stdin": "*filter
      -I DOCKER-USER -s 10.10.2.20/32 -i up0 -o br-k3d -m comment --comment "cpaas:cpaas1:accept 10.10.2.20 (filter)" -j ACCEPT
      COMMIT
      *raw
      -I PREROUTING -s 10.10.2.20/32 -d 172.19.0.0/16 -i up0 -m comment --comment "cpaas:cpaas1:accept 10.10.2.20 (raw)" -j ACCEPT
      COMMIT
      *nat
      -I POSTROUTING -s 172.19.0.0/16 -d 10.10.2.20/32 -m comment --comment "cpaas:cpaas1:keep node addresses towards 10.10.2.20 (nat)" -j ACCEPT
      COMMIT
      ",
        },
      ]
    `);
  });

  test('a masquerade that Docker put above ours, after a network was made anew, is drift: ours goes to the head again', async () => {
    const { ctx, iptables } = vm();
    await step.write(ctx, await changes(ctx));
    iptables.tables.get('nat')?.splice(1, 0, '-A POSTROUTING -s 172.19.0.0/16 ! -o br-new -j MASQUERADE');
    const drifted = await changes(ctx);
    expect(drifted.map(step.describe)).toEqual([
      'keep node addresses towards 10.10.2.20 (nat): moved before the rule that takes its packets',
    ]);
    expect(step.commands(drifted)).toMatchInlineSnapshot(`
      [
        {
          "argv": [
            "iptables-restore",
            "-w",
            "5",
            "--noflush",
          ],
          "stdin": "*nat
      -D POSTROUTING -s 172.19.0.0/16 -d 10.10.2.20/32 -m comment --comment "cpaas:cpaas1:keep node addresses towards 10.10.2.20 (nat)" -j ACCEPT
      -I POSTROUTING -s 172.19.0.0/16 -d 10.10.2.20/32 -m comment --comment "cpaas:cpaas1:keep node addresses towards 10.10.2.20 (nat)" -j ACCEPT
      COMMIT
      ",
        },
      ]
    `);
    await step.write(ctx, drifted);
    expect(await changes(ctx)).toEqual([]);
  });

  test.each([
    ['a drop in raw', 'raw', '-A PREROUTING -d 172.19.0.3/32 ! -i br-k3d -j DROP', 1],
    ['a return in DOCKER-USER', 'filter', '-A DOCKER-USER -j RETURN', 1],
    ['a drop of a port', 'filter', '-A DOCKER-USER -i up0 -p tcp -m tcp --dport 179 -j DROP', 1],
    ['a drop of somebody else', 'filter', '-A DOCKER-USER -s 203.0.113.0/24 -j DROP', 0],
    ['a drop behind another bridge', 'filter', '-A DOCKER-USER -o br-other -j DROP', 0],
    ['a drop of all but our uplink', 'filter', '-A DOCKER-USER ! -i up0 -j DROP', 0],
    ['the masquerade of another network', 'nat', '-A POSTROUTING -s 172.29.0.0/16 ! -o br-two -j MASQUERADE', 0],
  ])('%s before ours counts only when it takes our packets', async (_, table, rule, moved) => {
    const { ctx, iptables } = vm();
    await step.write(ctx, await changes(ctx));
    const lines = iptables.tables.get(table) ?? [];
    lines.splice(
      lines.findIndex((line) => line.startsWith('-A') && line.includes('cpaas:cpaas1')),
      0,
      rule,
    );
    expect(await changes(ctx)).toHaveLength(moved);
  });

  test('what somebody did by hand, as the articles say, is left and not doubled', async () => {
    const { ctx, iptables } = vm();
    const insert = (table: string, rule: string) => {
      const lines = iptables.tables.get(table) ?? [];
      lines.splice(
        lines.findIndex((line) => line.startsWith('-A')),
        0,
        rule,
      );
    };
    insert('filter', '-A DOCKER-USER -i up0 -o br-k3d -j ACCEPT');
    insert('raw', '-A PREROUTING -d 172.19.0.0/16 -i up0 -j ACCEPT');
    insert('nat', '-A POSTROUTING -s 172.19.0.0/16 -d 10.10.2.20/32 -j ACCEPT');
    expect(await changes(ctx)).toEqual([]);
  });

  test("somebody's rule that Docker's own forestalls does not help: ours is added, theirs stays", async () => {
    const { ctx, iptables } = vm();
    iptables.tables.get('nat')?.push('-A POSTROUTING -s 172.19.0.0/16 -d 10.10.2.20/32 -j ACCEPT');
    const missing = await changes(ctx);
    expect(missing).toHaveLength(3);
    await step.write(ctx, missing);
    expect(iptables.tables.get('nat')?.slice(-1)).toEqual([
      '-A POSTROUTING -s 172.19.0.0/16 -d 10.10.2.20/32 -j ACCEPT',
    ]);
  });

  test("another cluster's rule is neither ours nor enough", async () => {
    const { ctx } = vm(docker28.replace('-o br-other', '-o br-k3d'));
    expect(await changes(ctx)).toHaveLength(3);
  });

  test('a machine without the chain that Docker keeps for others is told so', async () => {
    const { ctx } = vm('*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n');
    await expect(step.write(ctx, await changes(ctx))).rejects.toMatchObject({ code: 'DOCKER.CHAIN' });
  });

  test("the rules stand in the flavour of iptables that Docker's own are in", () => {
    const legacy = dockerForwarding({ ...place, flavour: 'legacy' }, []);
    const [key, to] = forwardSource(place, '10.20.0.0/24')[0] ?? [];
    const change = { key: key ?? '', from: undefined, to, before: undefined, cause: 'wanted' } as const;
    expect(legacy.commands([change])[0]?.argv[0]).toBe('iptables-legacy-restore');
  });
});
