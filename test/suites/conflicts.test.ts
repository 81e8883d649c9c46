import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Workspace } from '../helpers/cpaas.ts';
import { bareLab, type Dump, dumpOf, expectDone, expectDump, settledDump, traces } from '../helpers/dumps.ts';

const LAB = 'suite-clash';
const lab = new Workspace('lab-vm.yaml', LAB, ({ provider }) => {
  provider.lab = { ...provider.lab, servers: 1, agents: 1 };
});

const NODES = ['172.19.0.2', '172.19.0.3'];
const imish = (...lines: readonly string[]) =>
  lab.unit('bigip1', `printf '${['enable', 'configure terminal', ...lines, 'end', ''].join('\\n')}' | imish`);
const tmsh = (words: string) => lab.unit('bigip1', `tmsh ${words}`);
async function bgp(...lines: readonly string[]): Promise<void> {
  await tmsh('modify net route-domain 0 routing-protocol add { BGP }');
  await imish(...lines);
}
async function noBgp(...lines: readonly string[]): Promise<void> {
  await imish(...lines);
  await lab.unit('bigip1', 'imish -e write');
  await tmsh('modify net route-domain 0 routing-protocol delete { BGP }');
}

async function create(kind: string, name: string, spec: object): Promise<void> {
  const object = { apiVersion: 'crd.projectcalico.org/v1', kind, metadata: { name }, spec };
  const path = join(lab.folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(object));
  expect(await lab.run('kubectl', '--', 'create', '-f', path)).toMatchObject({ code: 0 });
}

const remove = (plural: string, name: string) =>
  lab.run('kubectl', '--', 'delete', `${plural}.crd.projectcalico.org`, name);

/** The block of one node, and the node's address. */
async function aBlock(): Promise<{ readonly cidr: string; readonly owner: string }> {
  const { stdout } = await lab.run('kubectl', '--', 'get', 'blockaffinities.crd.projectcalico.org', '-o', 'json');
  const { items } = JSON.parse(stdout) as { items: readonly { spec: { cidr: string; node: string } }[] };
  const found = items.find(({ spec }) => spec.node.endsWith('server-0'));
  if (!found) throw new Error(`server-0 has no block: ${stdout}`);
  return { cidr: found.spec.cidr, owner: '172.19.0.2' };
}

const journaled = () => existsSync(join(lab.state, LAB, 'journal.ndjson'));

let bare: Dump;

beforeAll(async () => {
  bare = await bareLab(lab);
});
afterAll(() => lab.remove());

/** Nothing is done where something must not be: `plan` and `up` name it, and everything stays as it is. */
async function expectRefused(place: string, named: RegExp): Promise<void> {
  const before = await settledDump(lab);
  const plan = await lab.plan();
  expect(plan).toMatchObject({ code: 2, summary: { conflict: 1 } });
  const conflicts = plan.phases.flatMap(({ steps }) =>
    steps.flatMap(({ host, conflicts = [] }) => conflicts.map(({ why }) => `${host}: ${why}`)),
  );
  expect(conflicts).toEqual([expect.stringMatching(named)]);
  expect(conflicts[0]).toMatch(new RegExp(`^${place}: `));

  const run = await lab.up('--confirm', LAB);
  expect(run).toMatchObject({
    code: 2,
    outcome: 'failed',
    error: { code: expect.stringMatching(/^(STEP\.CONFLICT|BIGIP\.(SELF_IP|ROUTING_MODE))$/) },
  });
  expect(run.error?.evidence).toContainEqual({ label: 'state', text: 'nothing was changed' });
  expect(run.error?.message).toMatch(named);
  expect(await lab.status()).toMatchObject({ code: 5, counts: { foreign: 1 } });
  expect(await dumpOf(lab)).toEqual(before);
  expect(journaled()).toBe(false);
}

describe.sequential.each([
  {
    what: 'a route for a pod block to another gateway',
    place: `${LAB}-vm`,
    named: /somebody else routes 10\.53\.\d+\.\d+\/26 to 172\.19\.0\.99/,
    make: async () => lab.inside('vm', 'ip', 'route', 'add', (await aBlock()).cidr, 'via', '172.19.0.99'),
    undo: async () => lab.inside('vm', 'ip', 'route', 'del', (await aBlock()).cidr),
  },
  {
    what: 'a router bgp of another AS, typed into imish',
    place: 'bigip1',
    named: /BGP runs there in AS 65001 already; the file asks for AS 64512/,
    make: () => bgp('router bgp 65001', 'neighbor 10.10.2.77 remote-as 65077'),
    undo: () => noBgp('no router bgp 65001'),
  },
  {
    what: 'a neighbor in another AS where a node is to be one',
    place: 'bigip1',
    named: /neighbor 172\.19\.0\.2 is there already with remote-as 65099/,
    make: () => bgp('router bgp 64512', 'neighbor 172.19.0.2 remote-as 65099'),
    undo: () => noBgp('no router bgp 64512'),
  },
  {
    what: 'a static route of the unit to another gateway',
    place: 'bigip1',
    named: /route by-hand leads 172\.19\.0\.0\/16 to 10\.10\.2\.99, not 10\.10\.2\.10/,
    make: () => tmsh('create net route by-hand network 172.19.0.0/16 gw 10.10.2.99'),
    undo: () => tmsh('delete net route by-hand'),
  },
  {
    what: 'a BGPConfiguration with another AS',
    place: `${LAB}-vm`,
    named: /BGPConfiguration default is somebody else's and has AS 65002, not 64512/,
    make: () => create('BGPConfiguration', 'default', { asNumber: 65002, nodeToNodeMeshEnabled: true }),
    undo: () => remove('bgpconfigurations', 'default'),
  },
  {
    what: 'a BGPPeer for the unit in another AS',
    place: `${LAB}-vm`,
    named: /BGPPeer by-hand for 10\.10\.2\.20 is somebody else's and has asNumber 65003/,
    make: () => create('BGPPeer', 'by-hand', { peerIP: '10.10.2.20', asNumber: 65003 }),
    undo: () => remove('bgppeers', 'by-hand'),
  },
])('$what', ({ place, named, make, undo }) => {
  beforeAll(make);
  afterAll(undo);

  test('is named, and nothing is changed anywhere', () => expectRefused(place, named));
});

describe.sequential('what was there before, just as it is wanted', () => {
  let byHand: Dump;

  beforeEach(async () => {
    await expectDump(lab, bare);
    const { cidr, owner } = await aBlock();
    await lab.inside('vm', 'ip', 'route', 'add', cidr, 'via', owner);
    await bgp(
      'router bgp 64512',
      'neighbor calico-k8s peer-group',
      'neighbor calico-k8s remote-as 64512',
      `neighbor ${NODES[0]} peer-group calico-k8s`,
    );
    await tmsh('create net route by-hand network 172.19.0.0/16 gw 10.10.2.10');
    await create('BGPPeer', 'by-hand', { peerIP: '10.10.2.20', asNumber: 64512 });
    await lab.unit('bigip1', 'imish -e write', 'tmsh save sys config');
    byHand = await settledDump(lab);
  });

  test('is left, is not owned, and is still there after down', async () => {
    expectDone(await lab.up());
    const held = lab.journal();
    for (const theirs of ['by-hand', `neighbor ${NODES[0]} `, 'neighbor calico-k8s peer-group', (await aBlock()).cidr])
      expect(held).not.toContain(theirs);
    expectDone(await lab.up(), 'unchanged');
    expectDone(await lab.down());
    await expectDump(lab, byHand);
    await takeAway();
  });

  test('goes with the rest after up --adopt of the phases it belongs to', async () => {
    for (const phase of ['Calico', 'Forwarding', 'Routers', 'Host routes'])
      expect(await lab.up('--adopt', '--only', phase)).toMatchObject({ code: 0 });
    expectDone(await lab.down());
    // what others have something in stays theirs; what was adopted is gone
    const { cidr } = await aBlock();
    expect(await lab.inside('vm', 'ip', 'route')).not.toContain(cidr);
    expect(await lab.unit('bigip1', 'tmsh list net route')).not.toContain('by-hand');
    expect(await lab.unit('bigip1', 'imish -e "show running-config"')).not.toContain(`neighbor ${NODES[0]}`);
    expect((await lab.run('kubectl', '--', 'get', 'bgppeers.crd.projectcalico.org')).stdout).not.toContain('by-hand');
    await lab.remove();
    bare = await bareLab(lab);
  });

  test('goes with the lab after up --adopt of everything: the machines are adopted, too', async () => {
    expectDone(await lab.up('--adopt'));
    expectDone(await lab.down());
    expect((await traces(lab)).namespaces).toEqual([]);
  });

  async function takeAway(): Promise<void> {
    const { cidr } = await aBlock();
    await lab.inside('vm', 'ip', 'route', 'del', cidr);
    await noBgp('no router bgp 64512');
    await tmsh('delete net route by-hand');
    await tmsh('save sys config');
    await remove('bgppeers', 'by-hand');
  }
});

describe.sequential.each([
  {
    what: 'a unit without the self-IP',
    switches: { selfIp: 'missing' },
    named: /bigip1 has no self-IP "internal"; it has: none/,
  },
  {
    what: 'a unit whose self-IP floats',
    switches: { selfIp: 'floating' },
    named: /self-IP internal floats between the units of a pair/,
  },
  {
    what: 'a unit that keeps its routing in tmsh',
    switches: { tmosRouting: true },
    named: /bigip1 keeps its routing in tmsh \(tmrouted\.tmos\.routing is enable\)/,
  },
  {
    what: 'a unit that spoke BGP in another AS before',
    switches: { zebos: ['router bgp 65001', ' neighbor 10.10.2.77 remote-as 65077'] },
    named: /BGP runs there in AS 65001 already; the file asks for AS 64512/,
  },
])('$what', ({ switches, named }) => {
  beforeAll(async () => {
    await lab.remove();
    rmSync(lab.state, { recursive: true, force: true });
    lab.edit(({ provider }) => {
      provider.lab = { ...provider.lab, switches };
    });
    await bareLab(lab);
  });

  test('is named, and nothing is changed anywhere', () => expectRefused('bigip1', named));
});
