import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCluster } from '../../src/config/load.ts';
import type { Phase } from '../../src/core/plan.ts';
import { hostPhase } from '../../src/providers/hosts/host-phase.ts';
import { hostUfwRules, ufwRule } from '../../src/steps/host/ufw-rules.ts';
import { standIn, writeRepository } from '../helpers/machines/apt.ts';
import { rootfs } from '../helpers/machines/cache.ts';
import { type Lan, makeLan } from '../helpers/machines/lan.ts';
import { type Machine, startMachine } from '../helpers/machines/machine.ts';
import { type Mirror, startMirror } from '../helpers/machines/mirror.ts';
import { openSite, type Site } from '../helpers/machines/site.ts';
import { differences, type MachineState, stateOf } from '../helpers/machines/state.ts';

// The whole of preparing a workstation, on a bare Debian with the real apt, dpkg, systemd, sysctl and ufw. Docker's packages are
// stand-ins that come and go as Docker's do; their repository is signed by a key of the test.

const MIRROR = '10.215.0.1';
const VERSION = '5:29.7.2-1~debian.12~bookworm';
let lan: Lan;
let mirror: Mirror;
let machine: Machine;
let site: Site;
let found: MachineState;

beforeAll(async () => {
  lan = await makeLan({ name: 'hm-host', address: `${MIRROR}/24` });
  mirror = await startMirror(lan, MIRROR, rootfs(), ['jq', 'ufw']);
  const docker = join(mirror.folder, 'linux', 'debian');
  mkdirSync(docker, { recursive: true });
  writeRepository(docker, dockerPackages(join(lan.folder, 'debs')), mirror.key, {
    suite: 'bookworm',
    component: 'stable',
  });
  writeFileSync(join(docker, 'gpg'), mirror.key.armored);
  machine = await startMachine(lan, { name: 'm1', address: '10.215.0.11', image: rootfs() });
  await mirror.use(machine);
  site = openSite({ vm: { ...machine.spec('admin'), sudo: 'changes' }, guest: machine.spec('guest') });
  found = await stateOf(machine);
});
afterAll(async () => {
  await site?.close();
  await machine?.stop();
  await mirror?.stop();
  await lan?.remove();
});

function dockerPackages(folder: string): readonly string[] {
  const unit = '[Service]\nExecStart=/usr/bin/dockerd\n[Install]\nWantedBy=multi-user.target\n';
  // as the real one, it does not start with settings that it cannot read
  const dockerd =
    '#!/bin/sh\n[ ! -e /etc/docker/daemon.json ] || grep -q "^{" /etc/docker/daemon.json || exit 1\nexec sleep infinity\n';
  const core = standIn(folder, { name: 'containerd.io', version: '2.1.5-1', conflicts: ['containerd', 'runc'] });
  const cli = standIn(folder, {
    name: 'docker-ce-cli',
    version: VERSION,
    files: { '/usr/bin/docker': '#!/bin/sh\necho 29.7.2\n' },
  });
  const engine = standIn(folder, {
    name: 'docker-ce',
    version: VERSION,
    depends: ['containerd.io', 'docker-ce-cli', 'iptables'],
    files: { '/usr/bin/dockerd': dockerd, '/usr/lib/systemd/system/docker.service': unit },
    scripts: {
      postinst:
        'getent group docker >/dev/null || groupadd -r docker\nsystemctl daemon-reload\nsystemctl enable -q --now docker.service',
      prerm: 'if [ "$1" = remove ]; then systemctl disable -q --now docker.service; fi',
      postrm: 'systemctl daemon-reload',
    },
  });
  return [core, cli, engine];
}

const prepared = (host: object, key = 'vm'): readonly Phase[] => {
  const repositories = { docker: `${mirror.url}/linux`, key: mirror.key.fingerprint };
  return hostPhase({
    cluster: parseCluster(
      dump({
        apiVersion: 'cpaas.dev/v1alpha1',
        kind: 'Cluster',
        metadata: { name: 'cpaas1' },
        spec: { provider: { k3d: {} }, host: { ...host, repositories } },
      }),
      'f',
    ),
    host: key,
    user: 'admin',
    kubeconfig: '/srv/kubeconfig',
  });
};

const RELEASE = '/etc/os-release';
/** dpkg never takes a group away. */
const GROUP = [/^etc\/(group|gshadow)$/];

describe('a workstation', () => {
  const wish = {
    prepare: true,
    packages: ['jq'],
    calicoctlConfig: true,
    docker: { 'log-driver': 'local', 'log-opts.max-size': '10m' },
  };

  test('plan tells everything on a bare one, and changes nothing', async () => {
    const { phases, summary } = await site.plan(prepared(wish));
    expect(phases.flatMap(({ steps }) => steps.map(({ title, state }) => `${title}: ${state}`))).toEqual([
      'Packages: pending',
      'Kernel settings: pending',
      'Kernel settings after a restart: pending',
      'Folder of Docker: pending',
      'Settings of Docker: pending',
      'Package repositories: pending',
      'Docker: pending',
      'Services: pending',
      'Groups of admin: pending',
      'Configuration of calicoctl: pending',
    ]);
    expect(summary).toMatchObject({ conflict: 0, satisfied: 0 });
    expect(differences(found, await stateOf(machine))).toEqual([]);
  });

  test('is prepared once, by sudo, and a second run changes nothing', async () => {
    const done = await site.up(prepared(wish));
    expect(done).toContain('docker-ce held');
    expect(await site.up(prepared(wish))).toEqual([]);
    expect(await machine.ask(['systemctl', 'is-active', 'docker.service'])).toBe('active\n');
    expect(await machine.ask(['id', '-nG', 'admin'])).toContain('docker');
    expect(JSON.parse(await machine.ask(['cat', '/etc/docker/daemon.json']))).toEqual({
      'log-driver': 'local',
      'log-opts': { 'max-size': '10m' },
    });
    expect(await machine.ask(['sysctl', '-n', 'fs.inotify.max_user_watches'])).toBe('524288\n');
    expect(site.events.some((event) => event.type === 'step.closed' && event.remark?.includes('next login'))).toBe(
      true,
    );
  });

  test('keeps its settings over a restart', async () => {
    await site.disconnect();
    await machine.restart();
    await machine.ask(['systemctl', 'is-system-running', '--wait']).catch(() => 'degraded');
    expect(await machine.ask(['sysctl', '-n', 'net.ipv4.ip_forward'])).toBe('1\n');
    expect(await site.up(prepared(wish))).toEqual([]);
  });

  test('what the file no longer asks for stays installed, and nobody is asked about it', async () => {
    const fewer = prepared({ ...wish, packages: [] });
    expect((await site.plan(fewer)).summary).toMatchObject({ pending: 0, conflict: 0 });
    const asked = site.asked.length;
    expect(await site.up(fewer)).toEqual([]);
    expect(site.asked.length).toBe(asked);
    expect(await machine.ask(['jq', '--version'])).toContain('jq');
  });

  test('goes on as it is after an upgrade to a release that cpaas does not know, and down undoes it there', async () => {
    const release = await machine.ask(['cat', RELEASE]);
    await machine.ask(['tee', RELEASE], release.replaceAll('bookworm', 'duke').replaceAll('12', '15'));
    expect((await site.plan(prepared(wish))).summary).toMatchObject({ pending: 0, conflict: 0, unreachable: 0 });
    expect(await site.up(prepared(wish))).toEqual([]);
    await machine.ask(['systemctl', 'stop', 'docker.service']);
    expect(await site.up(prepared(wish))).toEqual(['docker.service started']);
    await site.down();
    expect((await machine.run(['systemctl', 'is-active', 'docker.service'])).code).not.toBe(0);
    expect(await machine.ask(['id', '-nG', 'admin'])).not.toContain('docker');
    await machine.ask(['tee', RELEASE], release);
  });

  test('down leaves what is installed, down --purge leaves nothing', async () => {
    await site.down();
    expect(await machine.ask(['dpkg-query', '-W', 'docker-ce'])).toBe(`docker-ce\t${VERSION}\n`);
    expect((await machine.run(['test', '-e', '/etc/docker/daemon.json'])).code).toBe(1);
    await site.down({ purge: true });
    expect(site.holdings()).toEqual([]);
    expect(differences(found, await stateOf(machine), GROUP)).toEqual([]);
    expect(await machine.ask(['id', '-nG', 'admin'])).not.toContain('docker');
  });

  test('whoever may not use sudo is told so before anything changes', async () => {
    await expect(site.up(prepared({ prepare: true }, 'guest'))).rejects.toMatchObject({ code: 'SUDO.PASSWORD' });
    expect(differences(found, await stateOf(machine), GROUP)).toEqual([]);
  });
});

describe('ufw', () => {
  test('is switched off, uninstalled, and comes back as it was', async () => {
    await machine.ask(['apt-get', '-q', '-y', 'install', '--no-install-recommends', 'ufw']);
    await machine.ask(['ufw', 'allow', '22/tcp']);
    await machine.ask(['ufw', '--force', 'enable']);
    const before = await stateOf(machine);
    const rules = hostUfwRules({ host: 'vm', cluster: 'cpaas1' }, [
      ufwRule('allow from 10.1.20.0/24'),
      ufwRule('allow 22/tcp'),
    ]);
    const root = openSite({ vm: machine.spec('admin') });
    expect(await root.steps(rules)).toEqual(['allow from 10.1.20.0/24']);
    expect(await machine.ask(['ufw', 'status'])).toMatch(/Anywhere +ALLOW +10.1.20.0\/24 +# cpaas:cpaas1/);
    expect(await root.steps(rules)).toEqual([]);
    await root.down();
    await root.close();
    expect(await site.up(prepared({ ufw: 'remove' }))).toEqual(['ufw not enabled', 'ufw not installed']);
    expect(await machine.run(['ufw', 'status'])).toMatchObject({ code: 127 });
    await site.down({ purge: true });
    expect(await machine.ask(['ufw', 'status'])).toMatch(/Status: active[\s\S]*22\/tcp +ALLOW/);
    expect(differences(before, await stateOf(machine), [...GROUP, /^etc\/ufw\/.*\.\d{8}_\d{6}$/])).toEqual([]);
  });
});
