import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applied, due, expectWhole, type Spec, Workspace } from '../helpers/cpaas.ts';
import {
  bareLab,
  type Dump,
  dumpOf,
  expectDone,
  expectDump,
  ofMachine,
  settledDump,
  unitDump,
} from '../helpers/dumps.ts';

let both: Spec['routers'] = [];
const lab = new Workspace('lab-flat.yaml', 'suite-flat', ({ routers }) => {
  both = structuredClone(routers);
});
const UNITS = { bigip1: '10.1.20.11', bigip2: '10.1.20.12' };
const NODES = { 'server-0': '10.1.20.20', 'agent-0': '10.1.20.21' };
const imish = (router: string, line: string) => lab.unit(router, `imish -e "${line}"`);

let bare: Dump;

beforeAll(async () => {
  bare = await bareLab(lab);
});
afterAll(() => lab.remove());

describe.sequential('two hosts and a pair that also peers with itself, on machines that stand already', () => {
  test('up joins both ends: every session is Established, the one of the pair too', async () => {
    expectDone(await lab.up());
    const { sessions } = await lab.document<{ sessions: readonly { agree: boolean }[] }>('bgp', 'status');
    expect(sessions.map(({ agree }) => agree)).toEqual([true, true, true, true, true]);
    for (const router of Object.keys(UNITS))
      for (const peer of [...Object.values(NODES), ...Object.values(UNITS)].filter(isNot(router)))
        expect(await imish(router, `show ip bgp neighbors ${peer}`)).toContain('BGP state = Established');
  });

  test('every pod block is in the table of both units, by way of the node that owns it', async () => {
    const { nodes } = await lab.status();
    expect(nodes.map(({ name, blocks }) => [name, blocks.length])).toEqual([
      ['agent-0', 1],
      ['server-0', 1],
    ]);
    for (const router of Object.keys(UNITS)) {
      const table = await imish(router, 'show ip route');
      for (const { blocks, address } of nodes)
        expect(table.split('\n')).toContainEqual(expect.stringMatching(`^B +${blocks[0]} .* via ${address},`));
    }
  });

  test('TCP, ping and full-size packets from each unit reach a pod on each node', async () => {
    const report = await lab.verify();
    expect(report.code).toBe(0);
    expectWhole(report);
    for (const kind of ['tcp', 'ping']) expect(report.checks.filter(({ id }) => id.startsWith(kind))).toHaveLength(4);
  });

  test('a second up changes nothing, and the journal stays as it was', async () => {
    const journal = lab.journal();
    const run = await lab.up();
    expectDone(run, 'unchanged');
    expect(applied(run)).toEqual([]);
    expect(lab.journal()).toBe(journal);
  });
});

describe.sequential('a unit that gets another name in the file', () => {
  test('is the same unit: nothing is to change, and no session is touched', async () => {
    const before = await settledDump(lab);
    rename('bigip1', 'edge1');
    expect(due(await lab.plan('--check'))).toEqual([]);
    expectDone(await lab.up(), 'unchanged');
    await expectDump(lab, before);
    for (const peer of [...Object.values(NODES), UNITS.bigip2])
      expect(await imish('bigip1', `show ip bgp neighbors ${peer}`)).toMatch(/established 1; dropped 0/);
  });

  test('is told under its new name', async () => {
    const { sessions } = await lab.status();
    expect([...new Set(sessions.map(({ router }) => router))].sort()).toEqual(['bigip2', 'edge1']);
    rename('edge1', 'bigip1');
  });
});

describe.sequential('a unit that is dropped from the file', () => {
  test('keeps what it has while nobody agrees to that its sessions end', async () => {
    drop('bigip2');
    const before = await settledDump(lab);
    const journal = lab.journal();
    for (const consent of [[], ['-y'], ['--confirm', 'another']])
      expect(await lab.up(...consent)).toMatchObject({ code: 2, outcome: 'failed', error: { code: 'CONSENT.NEEDED' } });
    await expectDump(lab, before);
    expect(lab.journal()).toBe(journal);
  });

  test('gives back what it had, the other unit loses it as neighbor, and the rest goes on', async () => {
    const run = await lab.up('--confirm', lab.name);
    expectDone(run);
    expect(await unitDump(lab, 'bigip2')).toEqual(ofMachine(bare, 'bigip2'));
    expect(await imish('bigip1', 'show running-config')).not.toContain(UNITS.bigip2);
    expect(Object.keys(await dumpOf(lab)).filter((key) => key.startsWith('cluster: BGPPeer'))).toEqual([
      'cluster: BGPPeer bigip1',
    ]);
    expectWhole(await lab.verify());
    expectDone(await lab.up(), 'unchanged');
    for (const peer of Object.values(NODES))
      expect(await imish('bigip1', `show ip bgp neighbors ${peer}`)).toMatch(/established 1; dropped 0/);
  });

  test('comes back with the file', async () => {
    restore();
    expectDone(await lab.up('-y'));
    expectWhole(await lab.verify());
  });
});

describe.sequential('a unit that is dead', () => {
  let alive: Dump;

  test('is named, everything else is done, and the exit code is 2', async () => {
    alive = await settledDump(lab);
    await lab.run('kubectl', '--', 'delete', 'bgppeers.crd.projectcalico.org', 'bigip1');
    await kill('bigip2');
    const run = await lab.up('-y');
    expect(run).toMatchObject({ code: 2, outcome: 'failed', error: { code: 'HOST.UNREACHABLE' } });
    expect(run.error?.message).toContain('bigip2');
    expect(run.error?.next).toContainEqual(
      expect.objectContaining({ command: expect.stringMatching(/^cpaas forget bigip2 -f /) }),
    );
    expect(applied(run)).toEqual(['suite-flat-server-0 calico.bgp-peers']);
    expect(await imish('bigip1', 'show ip bgp summary')).toMatch(/Neighbor/);
  });

  test('is unreachable in status, which exits with 5, and in plan, which exits with 2', async () => {
    const status = await lab.status();
    expect(status).toMatchObject({ code: 5, counts: { drift: 0, pending: 0, foreign: 0 }, healthy: false });
    expect(status.counts.unreachable).toBeGreaterThan(0);
    expect(unreachable(status)).toEqual(['bigip2']);
    const plan = await lab.plan();
    expect(plan.code).toBe(2);
    expect(unreachable(plan)).toEqual(['bigip2']);
  });

  test('that has left the file keeps up from ending well, until it is forgotten', async () => {
    drop('bigip2');
    const run = await lab.up('-y');
    expect(run).toMatchObject({ code: 2, error: { code: 'HOST.UNREACHABLE' } });
    expect(run.error?.message).toContain('bigip2');
    expect(await imish('bigip1', 'show running-config')).not.toContain(UNITS.bigip2);

    expect(await lab.run('forget', 'bigip2')).toMatchObject({ code: 0 });
    expectDone(await lab.up(), 'unchanged');
    expect(await lab.status()).toMatchObject({ code: 0, healthy: true });
  });

  test('is not asked any more, so down gives back all the rest', async () => {
    expectDone(await lab.down());
    await revive('bigip2');
    await expectDump(lab, { ...bare, ...ofMachine(alive, 'bigip2') });
  });
});

const isNot = (router: string) => (address: string) => address !== UNITS[router as keyof typeof UNITS];

const unreachable = ({ phases }: Awaited<ReturnType<typeof lab.plan>>): readonly string[] => [
  ...new Set(
    phases.flatMap(({ steps }) => steps.filter(({ state }) => state === 'unreachable')).map(({ host }) => host),
  ),
];

function rename(from: string, to: string): void {
  lab.edit((spec) => {
    spec.routers = spec.routers.map(({ name, peers = [], ...rest }) => ({
      ...rest,
      name: name === from ? to : name,
      peers: peers.map((peer) => (peer === from ? to : peer)),
    }));
  });
}

const restore = (): void => lab.edit(({ routers }) => routers.splice(0, routers.length, ...structuredClone(both)));

function drop(name: string): void {
  lab.edit((spec) => {
    spec.routers = spec.routers
      .filter((router) => router.name !== name)
      .map((router) => ({ ...router, peers: router.peers?.filter((peer) => peer !== name) ?? [] }));
  });
}

/** Nobody can log in to the unit any more. */
const login = (router: string, verb: string) =>
  lab.inside(
    router,
    'iptables',
    '-w',
    verb,
    'INPUT',
    ...'-p tcp --dport 22 -j REJECT --reject-with tcp-reset'.split(' '),
  );
const kill = (router: string) => login(router, '-I');
const revive = (router: string) => login(router, '-D');
