import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { UnitSwitches } from '../../src/config/unit-switches.ts';
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

/** Somebody else's work that is in the way: at which host, and what is said of it. */
interface InTheWay {
  readonly place: string;
  readonly named: RegExp;
}

/** Nothing is done where something must not be: `plan` and `up` name all of it, and everything stays as it is. */
async function expectRefused(all: readonly InTheWay[]): Promise<void> {
  const before = await settledDump(lab);
  const plan = await lab.plan();
  expect(plan).toMatchObject({ code: 2, summary: { conflict: all.length } });
  const conflicts = plan.phases.flatMap(({ steps }) =>
    steps.flatMap(({ host, conflicts = [] }) => conflicts.map(({ why }) => `${host}: ${why}`)),
  );
  expect(conflicts).toHaveLength(all.length);
  for (const { place, named } of all)
    expect(conflicts).toContainEqual(expect.stringMatching(new RegExp(`^${place}: .*${named.source}`)));

  const run = await lab.up('--confirm', LAB);
  expect(run).toMatchObject({
    code: 2,
    outcome: 'failed',
    error: { code: expect.stringMatching(/^(STEP\.CONFLICT|BIGIP\.(SELF_IP|ROUTING_MODE))$/) },
  });
  expect(run.error?.evidence).toContainEqual({ label: 'state', text: 'nothing was changed' });
  const told = `${run.error?.message}\n${run.error?.evidence?.map(({ text }) => text).join('\n')}`;
  for (const { named } of all) expect(told).toMatch(named);
  expect(await lab.status()).toMatchObject({ code: 5, counts: { foreign: all.length } });
  expect(await dumpOf(lab)).toEqual(before);
  expect(journaled()).toBe(false);
}

describe.sequential('what others have made', () => {
  test('otherwise than it is wanted is named, all of it at once, and nothing is changed anywhere', async () => {
    const { cidr } = await aBlock();
    await lab.inside('vm', 'ip', 'route', 'add', cidr, 'via', '172.19.0.99');
    await bgp('router bgp 65001', 'neighbor 10.10.2.77 remote-as 65077');
    await tmsh('create net route by-hand network 172.19.0.0/16 gw 10.10.2.99');
    await create('BGPConfiguration', 'default', { asNumber: 65002, nodeToNodeMeshEnabled: true });
    await create('BGPPeer', 'by-hand', { peerIP: '10.10.2.20', asNumber: 65003 });
    await expectRefused([
      { place: `${LAB}-vm`, named: /somebody else routes 10\.53\.\d+\.\d+\/26 to 172\.19\.0\.99/ },
      { place: 'bigip1', named: /BGP runs there in AS 65001 already; the file asks for AS 64512/ },
      { place: 'bigip1', named: /route by-hand leads 172\.19\.0\.0\/16 to 10\.10\.2\.99, not 10\.10\.2\.10/ },
      { place: `${LAB}-vm`, named: /BGPConfiguration default is somebody else's and has AS 65002, not 64512/ },
      { place: `${LAB}-vm`, named: /BGPPeer by-hand for 10\.10\.2\.20 is somebody else's and has asNumber 65003/ },
    ]);
    await lab.inside('vm', 'ip', 'route', 'del', cidr);
    await noBgp('no router bgp 65001');
    await tmsh('delete net route by-hand');
    await remove('bgpconfigurations', 'default');
    await remove('bgppeers', 'by-hand');
  });

  test('alone is enough: a neighbor in another AS where a node is to be one', async () => {
    await bgp('router bgp 64512', 'neighbor 172.19.0.2 remote-as 65099');
    await expectRefused([{ place: 'bigip1', named: /neighbor 172\.19\.0\.2 is there already with remote-as 65099/ }]);
    await noBgp('no router bgp 64512');
  });
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

/** Units that were so before anybody came, each in a way of its own. */
const UNITS: Readonly<Record<string, InTheWay & { readonly switches: UnitSwitches }>> = {
  nowhere: {
    place: 'nowhere',
    switches: { selfIp: 'missing' },
    named: /nowhere has no self-IP "internal"; in \/Common it has: none/,
  },
  floats: {
    place: 'floats',
    switches: { selfIp: 'floating' },
    named: /self-IP internal floats between the units of a pair/,
  },
  tmos: {
    place: 'tmos',
    switches: { tmosRouting: true },
    named: /tmos keeps its routing in tmsh \(tmrouted\.tmos\.routing is enable\)/,
  },
  spoke: {
    place: 'spoke',
    switches: { zebos: ['router bgp 65001', ' neighbor 10.10.2.77 remote-as 65077'] },
    named: /BGP runs there in AS 65001 already; the file asks for AS 64512/,
  },
};

describe.sequential('units that were otherwise before', () => {
  beforeAll(async () => {
    await lab.remove();
    rmSync(lab.state, { recursive: true, force: true });
    lab.edit((spec) => {
      const units = Object.entries(UNITS);
      const routers = Object.fromEntries(units.map(([name, { switches }]) => [name, switches]));
      spec.provider.lab = { ...spec.provider.lab, switches: { routers } };
      spec.routers = units.map(([name], at) => ({ name, address: `10.10.2.${30 + at}` }));
    });
    await bareLab(lab);
  });

  test('are named, each with its own, and nothing is changed anywhere', () => expectRefused(Object.values(UNITS)));
});
