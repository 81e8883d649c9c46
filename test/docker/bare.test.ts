import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanDocument } from '../../src/core/documents.ts';
import { due, expectWhole } from '../helpers/cpaas.ts';
import { differences, type MachineState, stateOf } from '../helpers/machines/state.ts';
import { type BareVm, PASSWORD, SITE, startBareVm, USER } from './bare-vm.ts';
import { missing } from './bed.ts';
import { ENGINE } from './packages.ts';

// P1 as a whole: a Debian with systemd, apt and sudo, and nothing else, becomes a cluster of the real k3d on a real engine, whose pods a
// BIG-IP reaches; by somebody who may use sudo with a password, in one run. Then it becomes what it was.

/** What others leave: dpkg a group, Docker's programs their folders, kubectl and k3d what they remember in the home of whoever calls them. */
const STAYS = [
  /^etc\/(group|gshadow)$/,
  /^(opt|var\/lib)\/containerd(\/|$)/,
  /^var\/lib\/docker$/,
  /^home\/typist\/\.(kube|config)(\/(cache|k3d).*)?$/,
];

describe.skipIf(missing !== undefined).sequential('a bare Debian on the LAN of a BIG-IP', () => {
  let vm: BareVm;
  let found: MachineState;
  /** What is still to be done, phase by phase; the kernel's limits may be high enough here already. */
  const outline = ({ phases }: PlanDocument) =>
    phases.map(({ name, steps, deferred, preview = [] }) => {
      const titles = steps.filter(({ title, state }) => state === 'pending' && title !== 'Kernel settings');
      return [name, deferred ?? titles.map(({ title }) => title).join(', '), ...preview].join(': ');
    });

  beforeAll(async () => {
    vm = await startBareVm('kdb');
    found = await stateOf(vm.machine);
  });
  afterAll(() => vm?.stop());

  test('plan tells the whole way, and changes nothing', async () => {
    const plan = await vm.plan();
    expect(plan, plan.stderr).toMatchObject({ code: 0 });
    expect(outline(plan)).toMatchInlineSnapshot(`
      [
        "Host: Packages, Kernel settings after a restart, Package repositories, Docker, Services, Groups of typist, Configuration of calicoctl",
        "Tools: Programs in /usr/local/bin",
        "Cluster: known after Host: Docker network k3d-kdb 172.19.0.0/16: k3d cluster kdb: server-0, agent-0 of docker.io/rancher/k3s:v1.34.4-k3s1: Calico v3.31.7, pods in 10.53.0.0/16",
        "Calico: known after Cluster: BGPPeer bigip1: 10.10.2.20",
        "Forwarding: known after Cluster",
        "Routers: known after Cluster: bigip1",
        "Host routes: known after Cluster",
      ]
    `);
    expect((await vm.machine.run(['cat', `${SITE}/asked`])).code).toBe(1);
    expect(differences(found, await stateOf(vm.machine))).toEqual([]);
  });

  test('up goes from bare to the proof in one run', async () => {
    const run = await vm.up();
    expect(run, run.stderr).toMatchObject({ code: 0, outcome: 'applied' });
    // of whoever runs it, however many commands needed it; and nothing that is kept has it
    expect(await vm.machine.ask(['cat', `${SITE}/asked`])).toBe('asked\n');
    expect((await vm.machine.run(['grep', '-r', PASSWORD, `${SITE}/state`])).stdout).toBe('');
    expectWhole(await vm.verify());
  });

  test('the engine is the one of the packages, held, under systemd, and for the user', async () => {
    const { machine } = vm;
    const version = ['docker', 'version', '--format', '{{.Server.Version}}'];
    expect(await machine.ask(version)).toContain(ENGINE.release);
    expect(await machine.ask(['systemctl', 'is-active', 'docker', 'containerd'])).toBe('active\nactive\n');
    expect(await machine.ask(['apt-mark', 'showhold'])).toBe('docker-ce\ndocker-ce-cli\n');
    expect(await machine.ask(['id', '-nG', USER])).toContain('docker');
    // sudo has left nothing of root's among what is his
    expect(await machine.ask(['find', `${SITE}/state`, `${SITE}/cache`, '!', '-user', USER])).toBe('');
  });

  test('programs are those whose digests the lock file has', async () => {
    const lock = await vm.machine.ask(['cat', `${SITE}/cpaas.lock`]);
    for (const program of ['k3d', 'kubectl']) {
      const [digest] = (await vm.machine.ask(['sha256sum', `/usr/local/bin/${program}`])).split(' ');
      expect(lock).toMatch(new RegExp(`^${program} \\S+ linux/amd64 ${digest}$`, 'm'));
    }
  });

  test('a second up changes nothing', async () => {
    const run = await vm.up();
    expect(run, run.stderr).toMatchObject({ code: 0, outcome: 'unchanged' });
  });

  test('plan tells what is missing, and nothing else', async () => {
    expect(due(await vm.plan())).toEqual([]);
    await vm.machine.ask(['rm', '/usr/local/bin/kubectl', '/etc/sysctl.d/99-cpaas-kdb.conf']);
    expect(due(await vm.plan())).toMatchInlineSnapshot(`
      [
        "here host.files: /etc/sysctl.d/99-cpaas-kdb.conf (drift)",
        "here host.binaries: kubectl (drift)",
      ]
    `);
    expect(await vm.up()).toMatchObject({ code: 0, outcome: 'applied' });
  });

  // the network of the machine outlives its power here, rules and routes with it: what comes anew is the engine, and its nodes
  test('after a power cut systemd starts the engine, the engine the nodes, and up waits for them', async () => {
    await vm.machine.restart();
    const run = await vm.up();
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expectWhole(await vm.verify());
  });

  test('down --purge leaves it as it was found', async () => {
    const run = await vm.cpaas<object>('down', '--purge', '--confirm', vm.name);
    expect(run, run.stderr).toMatchObject({ code: 0, outcome: 'applied' });
    expect(differences(found, await stateOf(vm.machine), STAYS)).toEqual([]);
  });
});
