import { afterAll, describe, expect, test } from 'vitest';
import { expectWhole, type Spec, Workspace } from '../helpers/cpaas.ts';
import { until } from '../helpers/lab.ts';
import { expectApplied, expectUnchanged } from '../helpers/outcomes.ts';

/** One unit and as many nodes as are needed to see whose block goes which way. */
const small =
  (change: (spec: Spec) => void) =>
  (spec: Spec): void => {
    Object.assign(spec.provider.lab, { servers: 1, agents: 1 });
    change(spec);
  };
const withRouter = (spec: Spec, words: Partial<Spec['routers'][number]>): void => {
  Object.assign(spec.routers[0] ?? {}, words);
};
const withLab = (words: Record<string, unknown>, change: (spec: Spec) => void = () => {}) =>
  small((spec) => {
    Object.assign(spec.provider.lab, words);
    change(spec);
  });

const running = (lab: Workspace, router = 'bigip1'): Promise<string> =>
  lab.unit(router, 'imish -e "show running-config"');
const rules = (lab: Workspace): Promise<string> => lab.inside('vm', 'iptables-save');
const objects = async (lab: Workspace, ...words: string[]): Promise<{ items: CalicoObject[] }> =>
  JSON.parse((await lab.run('kubectl', '--', 'get', ...words, '-o', 'json')).stdout);
interface CalicoObject {
  readonly apiVersion: string;
  readonly metadata: { readonly name: string };
  readonly spec: Record<string, unknown>;
}

/** Paths by prefix, as the unit knows them: `{ '10.53.0.0/26': ['172.19.0.2'] }`. */
async function paths(lab: Workspace, router = 'bigip1'): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  let prefix = '';
  for (const line of (await lab.unit(router, 'imish -e "show ip bgp"')).split('\n')) {
    const [, network, nextHop] = /^\*[>i ]*\s*(\d+\.\d+\.\d+\.\d+\/\d+)?\s+(\d+\.\d+\.\d+\.\d+)\s/.exec(line) ?? [];
    if (nextHop === undefined) continue;
    prefix = network ?? prefix;
    found.set(prefix, [...(found.get(prefix) ?? []), nextHop]);
  }
  return found;
}

/** What the cluster says of each block: by the address of the node that it belongs to. */
async function owners(lab: Workspace): Promise<ReadonlyMap<string, readonly string[]>> {
  const { nodes } = await lab.status();
  return new Map(nodes.flatMap(({ blocks, address = '' }) => blocks.map((block) => [block, [address]] as const)));
}

const expectOnlyOwners = async (lab: Workspace, router?: string): Promise<void> => {
  const known = await paths(lab, router);
  expect(known.size).toBeGreaterThan(1);
  expect([...known].sort()).toEqual([...(await owners(lab))].sort());
};

describe.sequential.each<{
  readonly what: string;
  readonly lab: Workspace;
  readonly shows: (lab: Workspace, first: { readonly stderr: string }) => Promise<void>;
}>([
  {
    what: 'a router in another AS',
    lab: new Workspace('lab-ebgp.yaml', 'suite-ebgp'),
    async shows(lab) {
      await expectOnlyOwners(lab);
      const config = await running(lab);
      expect(config).toContain('neighbor calico-k8s remote-as 64512');
      expect(config).toContain('neighbor calico-k8s ebgp-multihop 2');
      const [peer] = (await objects(lab, 'bgppeers.crd.projectcalico.org')).items;
      expect(peer?.spec).toMatchObject({ peerIP: '10.10.2.20', asNumber: 65010, filters: ['cpaas-own-blocks'] });
      const [filter] = (await objects(lab, 'bgpfilters.crd.projectcalico.org')).items;
      expect(filter).toMatchObject({
        metadata: { name: 'cpaas-own-blocks' },
        spec: { exportV4: [{ action: 'Reject', source: 'RemotePeers' }] },
      });
    },
  },
  {
    what: 'a router in an AS of four bytes, no mesh among nodes, and the rules of Docker 20.10, which has none in table raw',
    lab: new Workspace(
      'lab-vm.yaml',
      'suite-ebgp4',
      withLab({ docker: '20.10' }, (spec) => {
        withRouter(spec, { asNumber: 4_200_000_001 });
        Object.assign(spec.bgp, { nodeToNodeMesh: false });
      }),
    ),
    async shows(lab, { stderr }) {
      await expectOnlyOwners(lab);
      const config = await running(lab);
      expect(config).toMatch(/^bgp extended-asn-cap$/m);
      expect(config).toMatch(/^router bgp 4200000001$/m);
      const [peer] = (await objects(lab, 'bgppeers.crd.projectcalico.org')).items;
      expect(peer?.spec).toMatchObject({ asNumber: 4_200_000_001 });

      expect(stderr).toContain('without the mesh nodes learn no pod blocks of each other');
      // what they knew of each other before needs a moment to go
      await until(
        async () => !(await lab.inside('server-0', 'ip', 'route', 'show', 'proto', 'bird')).includes(' via '),
      );

      const saved = await rules(lab);
      expect(saved).toMatch(/-A DOCKER-USER .*cpaas:suite-ebgp4:accept 10\.10\.2\.20 \(filter\)/);
      expect(saved).toMatch(/-A POSTROUTING .*cpaas:suite-ebgp4:keep node addresses/);
      expect(saved).not.toContain('DOCKER-FORWARD');
    },
  },
])('with $what', ({ lab, shows }) => {
  lab.warm = true;
  afterAll(() => lab.remove());

  test('up joins both ends, verify is whole, a second up changes nothing, down leaves nothing', async () => {
    const first = await lab.up();
    expectApplied(first);
    await shows(lab, first);
    const report = await lab.verify();
    expectWhole(report);
    expect(report.code).toBe(0);
    const journal = lab.journal();
    expectUnchanged(await lab.up());
    expect(lab.journal()).toBe(journal);
    expectApplied(await lab.down());
    expect(await namespaces(lab)).toEqual([]);
  });
});

describe.sequential('a pair on one LAN, one unit of which is in another AS', () => {
  const lab = new Workspace('lab-flat.yaml', 'suite-ebgp-pair', (spec) => {
    Object.assign(spec.routers[1] ?? {}, { asNumber: 65_010 });
  });
  afterAll(() => lab.remove());

  test('each unit has the other outside of the group, and only what is external is filtered', async () => {
    expectApplied(await lab.up());
    const [one, two] = await Promise.all([running(lab, 'bigip1'), running(lab, 'bigip2')]);
    expect(one).toContain('neighbor 10.1.20.12 remote-as 65010');
    expect(one).not.toContain('neighbor 10.1.20.12 peer-group');
    expect(two).toMatch(/^router bgp 65010$/m);
    expect(two).toContain('neighbor calico-k8s remote-as 64512');
    // its partner is in the AS of the nodes, so that it is in their group
    expect(two).toContain('neighbor 10.1.20.11 peer-group calico-k8s');
    expect(`${one}${two}`).not.toContain('ebgp-multihop');
    const { items } = await objects(lab, 'bgppeers.crd.projectcalico.org');
    expect(items.map(({ metadata, spec }) => [metadata.name, spec['filters']])).toEqual([
      ['bigip1', undefined],
      ['bigip2', ['cpaas-own-blocks']],
    ]);
    expectWhole(await lab.verify());
    expectUnchanged(await lab.up());
    expectApplied(await lab.down());
  });
});

describe.sequential('two labs at once, all of whose addresses are the same', () => {
  const one = new Workspace('lab-vm.yaml', 'suite-twin-a', withLab({ docker: '28.0', calicoApi: 'v3' }));
  const other = new Workspace('lab-vm.yaml', 'suite-twin-b', withLab({ docker: 'none' }));
  const twins = [one, other];
  for (const twin of twins) twin.warm = true;
  afterAll(() => Promise.all(twins.map((twin) => twin.remove())));

  test('both come up side by side and are whole', async () => {
    for (const run of await Promise.all(twins.map((twin) => twin.up()))) expectApplied(run);
    for (const twin of twins) expectWhole(await twin.verify());
  });

  test('one serves projectcalico.org/v3, and has the rules of Docker 28.0', async () => {
    const { items } = await objects(one, 'bgppeers.projectcalico.org');
    expect(items.map(({ apiVersion, metadata }) => [apiVersion, metadata.name])).toEqual([
      ['projectcalico.org/v3', 'bigip1'],
    ]);
    const { events } = await one.events('plan');
    const programs = events.flatMap((event) => (event.type === 'command' ? [event.argv.join(' ')] : []));
    expect(programs.filter((line) => /\bcalicoctl\b/.test(line))).toEqual([]);
    expect(await rules(one)).toMatch(/-A DOCKER-USER .*cpaas:suite-twin-a:accept 10\.10\.2\.20 \(filter\)/);
  });

  test('the other has no Docker, so that no rules are needed', async () => {
    expect(await rules(other)).not.toContain('cpaas:');
  });

  test('neither sees the other: both are unchanged, and what one takes down the other keeps', async () => {
    for (const twin of twins) expectUnchanged(await twin.up());
    expectApplied(await one.down());
    expect(await namespaces(one)).toEqual([]);
    expectWhole(await other.verify());
    expectUnchanged(await other.up());
    expectApplied(await other.down());
  });
});

async function namespaces({ name }: Workspace): Promise<readonly string[]> {
  const { readdir } = await import('node:fs/promises');
  return (await readdir('/run/netns')).filter((each) => each.startsWith(`${name}-`));
}
