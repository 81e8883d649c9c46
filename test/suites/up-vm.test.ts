import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { isReading } from '../../src/core/reading.ts';
import { applied, due, expectWhole, Workspace } from '../helpers/cpaas.ts';
import { expectApplied, expectUnchanged } from '../helpers/outcomes.ts';

const LAB = 'suite-vm';
const lab = new Workspace('lab-vm.yaml', LAB);
const namespaces = async () =>
  (await execa('ip', ['netns', 'list'])).stdout.split('\n').filter((line) => line.startsWith(`${LAB}-`));

afterAll(() => lab.remove());

describe.sequential('one machine, four nodes, one BIG-IP', () => {
  test('a plan before there is anything defers what only the lab can tell, and changes nothing', async () => {
    const plan = await lab.plan('--check');
    expect(plan.code).toBe(4);
    expect(plan.phases.map(({ name, deferred }) => [name, deferred])).toEqual([
      ['Lab', undefined],
      ['Calico', 'known after Lab'],
      ['Forwarding', 'known after Lab'],
      ['Routers', 'known after Lab'],
      ['Host routes', 'known after Lab'],
    ]);
    expect(await namespaces()).toEqual([]);
  });

  test('up builds it, joins both ends and ends with every session Established', async () => {
    const run = await lab.up();
    expectApplied(run);
    const { sessions } = await lab.document<{ sessions: readonly { agree: boolean }[] }>('bgp', 'status');
    expect(sessions.map(({ agree }) => agree)).toEqual([true, true, true, true]);
  });

  test('packets from the BIG-IP reach a pod on every node by way of its owner', async () => {
    const report = await lab.verify();
    expect(report.code).toBe(0);
    expectWhole(report);
    expect(report.checks.filter(({ id }) => id.startsWith('tcp'))).toHaveLength(4);
  });

  test('a second up changes nothing, and the journal stays as it was', async () => {
    const journal = lab.journal();
    const run = await lab.up();
    expectUnchanged(run);
    expect(lab.journal()).toBe(journal);
  });

  test('plan, status and verify send nothing that could change anything', async () => {
    for (const verb of ['plan', 'status', 'verify', 'graph']) {
      const { events } = await lab.events(verb);
      const commands = events.flatMap((event) => (event.type === 'command' ? [event] : []));
      expect(commands.length).toBeGreaterThan(5);
      expect(commands.filter(({ reads }) => !reads)).toEqual([]);
      expect(commands.filter(({ argv }) => !isReading(argv))).toEqual([]);
    }
    expect(await lab.plan('--check')).toMatchObject({ code: 0 });
  });

  /** What somebody takes away, what is said of it, and the one step that mends it. */
  interface Taken {
    readonly what: string;
    take(): Promise<unknown>;
    readonly named: RegExp;
    readonly mended: string;
  }

  // what is taken away together is another's each time: nothing hides anything
  test.each<{ all: readonly Taken[] }>([
    {
      all: [
        {
          what: 'a host route',
          take: () =>
            lab.inside(
              'vm',
              'sh',
              '-c',
              'ip route del $(ip route show proto 201 | head -n 1 | cut -d" " -f1) proto 201',
            ),
          named: /^suite-vm-vm host.routes: 10\.53\.\d+\.\d+\/26 \(drift\)$/,
          mended: 'suite-vm-vm host.routes',
        },
        {
          what: 'a packet filter rule',
          take: () =>
            lab.inside(
              'vm',
              'sh',
              '-c',
              'iptables -t nat -S POSTROUTING | sed -n "s/^-A \\(.*cpaas.*\\)/-t nat -D \\1/p" | xargs -n 99 iptables',
            ),
          named: /^suite-vm-vm docker.forwarding: keep node addresses towards 10\.10\.2\.20 \(nat\) \(drift\)$/,
          mended: 'suite-vm-vm docker.forwarding',
        },
        {
          what: 'a neighbor on the BIG-IP',
          take: () =>
            lab.unit(
              'bigip1',
              'printf "enable\\nconfigure terminal\\nrouter bgp 64512\\nno neighbor 172.19.0.4\\nend\\n" | imish',
            ),
          named: /^bigip1 bigip.bgp: neighbor 172\.19\.0\.4 peer-group \(drift\)$/,
          mended: 'bigip1 bigip.bgp',
        },
        {
          what: 'the BGPPeer',
          take: () => lab.run('kubectl', '--', 'delete', 'bgppeers.crd.projectcalico.org', 'bigip1'),
          named: /^suite-vm-vm calico.bgp-peers: 10\.10\.2\.20 \(drift\)$/,
          mended: 'suite-vm-vm calico.bgp-peers',
        },
      ],
    },
    {
      all: [
        {
          what: 'forwarding',
          take: () => lab.inside('vm', 'sysctl', '-w', 'net.ipv4.ip_forward=0'),
          named: /^suite-vm-vm host.sysctl: net.ipv4.ip_forward/,
          mended: 'suite-vm-vm host.sysctl',
        },
        {
          what: 'the peer group',
          take: () =>
            lab.unit(
              'bigip1',
              'printf "enable\\nconfigure terminal\\nrouter bgp 64512\\nno neighbor calico-k8s peer-group\\nend\\n" | imish',
            ),
          named: /^bigip1 bigip.bgp: neighbor calico-k8s peer-group \(drift\)$/,
          mended: 'bigip1 bigip.bgp',
        },
        {
          what: 'the node mesh',
          take: () =>
            lab.run(
              'kubectl',
              '--',
              'patch',
              'bgpconfigurations.crd.projectcalico.org',
              'default',
              '--type=merge',
              '-p',
              '{"spec":{"nodeToNodeMeshEnabled":false}}',
            ),
          named: /^suite-vm-vm calico.bgp-configuration: nodeToNodeMeshEnabled \(drift\)$/,
          mended: 'suite-vm-vm calico.bgp-configuration',
        },
        {
          what: 'the static route',
          take: () => lab.unit('bigip1', 'tmsh delete net route cpaas-suite-vm-172.19.0.0_16'),
          named: /^bigip1 bigip.route: 172\.19\.0\.0\/16 \(drift\)$/,
          mended: 'bigip1 bigip.route',
        },
      ],
    },
    {
      all: [
        {
          what: 'the port lockdown entry',
          take: () => lab.unit('bigip1', 'tmsh modify net self internal allow-service delete { tcp:bgp }'),
          named: /^bigip1 bigip.self-ip: tcp:bgp \(drift\)$/,
          mended: 'bigip1 bigip.self-ip',
        },
        {
          what: 'BGP on the route domain',
          take: () => lab.unit('bigip1', 'tmsh modify net route-domain 0 routing-protocol delete { BGP }'),
          named: /^bigip1 bigip.routing-protocol: BGP \(drift\)$/,
          mended: 'bigip1 bigip.routing-protocol',
        },
      ],
    },
  ])(
    'when somebody takes away $all.0.what and more, status exits with 5 and names it all; up mends it and nothing else',
    async ({ all }) => {
      for (const { take } of all) await take();
      const status = await lab.status();
      expect(status.code).toBe(5);
      for (const { named } of all) expect(due(status)).toContainEqual(expect.stringMatching(named));
      const mended = all.map((each) => each.mended).sort();
      const places = due(status).map((line) => line.split(':')[0] ?? '');
      expect([...new Set(places)].sort()).toEqual(mended);
      const run = await lab.up('-y');
      expectApplied(run);
      expect([...applied(run)].sort()).toEqual(mended);
      expectUnchanged(await lab.up());
    },
  );

  test('everything that a reboot of the machine takes away is there again after one run', async () => {
    await lab.inside(
      'vm',
      'sh',
      '-c',
      'ip route flush proto 201; iptables -t nat -F; iptables -t raw -F; iptables -F DOCKER-USER',
    );
    const run = await lab.up();
    expect(applied(run)).toEqual(['suite-vm-vm docker.forwarding', 'suite-vm-vm host.routes']);
    expectWhole(await lab.verify());
  });

  test('down takes the lab away and leaves no namespace', async () => {
    expectApplied(await lab.down());
    expect(await namespaces()).toEqual([]);
  });
});
