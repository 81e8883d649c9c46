import { describe, expect, test } from 'vitest';
import { parseCluster } from '../../../src/config/load.ts';
import { Facts } from '../../../src/core/facts.ts';
import type { Step } from '../../../src/core/step.ts';
import { sourceText } from '../../../src/host/apt/source.ts';
import { parseOsRelease, unsupported } from '../../../src/host/os-release.ts';
import { dockerSource, kubernetesPackageVersion, kubernetesSource } from '../../../src/host/publishers.ts';
import { hostPhase } from '../../../src/providers/hosts/host-phase.ts';
import { dockerUser, HERE_AS_ROOT, workstation } from '../../../src/providers/hosts/workstation.ts';
import { type FakeDebianOptions, fakeDebian } from '../../helpers/fake-debian.ts';
import { fakeContext } from '../../helpers/fake-host.ts';

const OS = {
  debian: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n',
  ubuntu:
    'PRETTY_NAME="Ubuntu 24.04.3 LTS"\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble\nID=ubuntu\n',
  unknown: 'PRETTY_NAME="Debian GNU/Linux 15 (duke)"\nVERSION_ID="15"\nVERSION_CODENAME=duke\nID=debian\n',
  fedora: 'PRETTY_NAME="Fedora Linux 43"\nVERSION_ID=43\nID=fedora\n',
};

const cluster = (host: string, tools = '{}') =>
  parseCluster(
    `apiVersion: cpaas.dev/v1alpha1
kind: Cluster
metadata: { name: cpaas1 }
spec:
  provider: { k3d: {} }
  host: ${host}
  tools: ${tools}
`,
    'f',
  );

const PREPARE = '{ prepare: true }';
const MIRRORED = '{ prepare: true, repositories: { docker: "https://mirror.corp/docker" } }';

interface Case extends FakeDebianOptions {
  readonly os?: keyof typeof OS;
  readonly host?: string;
  readonly tools?: string;
  readonly user?: string;
  readonly docker?: boolean;
  /** Ids of the steps of which something is ours. */
  readonly ours?: readonly string[];
}

async function steps({
  os = 'debian',
  host = PREPARE,
  tools,
  user,
  docker = false,
  ours = [],
  files,
  ...rest
}: Case = {}): Promise<readonly Step[]> {
  const machine = fakeDebian('vm', {
    ...rest,
    files: { ...files, '/etc/os-release': OS[os] },
    more: { ...(docker ? { docker: () => '28.5.2\n' } : {}) },
  });
  const [phase] = hostPhase({ cluster: cluster(host, tools), host: 'vm', user, kubeconfig: '/state/kubeconfig' });
  if (!phase) return [];
  const all = await phase.steps(new Facts(fakeContext(machine.machines)), (id) => ours.includes(id));
  expect(all.map(({ kind }) => kind).filter((kind) => !phase.kinds.includes(kind))).toEqual([]);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  return all;
}
const kindsOf = async (options?: Case) => (await steps(options)).map(({ kind }) => kind);
const wantOf = async (kind: string, options?: Case) =>
  Object.fromEntries((await steps(options)).filter((step) => step.kind === kind).flatMap(({ want }) => [...want]));

const ALWAYS = ['host.sysctl', 'host.files'];
const ENGINE = ['host.repositories', 'host.packages', 'host.services'];

describe('preparing a host', () => {
  test('a bare one gets an engine, pinned and held, and what nodes need of the kernel', async () => {
    expect(await kindsOf()).toEqual([...ALWAYS, ...ENGINE]);
    expect(await wantOf('host.packages', { os: 'ubuntu' })).toMatchObject({
      'docker-ce version': '5:29.7.2-1~ubuntu.24.04~noble',
      'docker-ce-cli hold': 'held',
      'containerd.io': 'installed',
    });
  });

  test('nothing is done that the file does not ask for', async () => {
    expect(await steps({ host: '{}' })).toEqual([]);
    expect(await kindsOf({ host: '{ packages: [jq] }' })).toEqual(['host.packages']);
  });

  test('an engine that came in another way is left as it is', async () => {
    expect(await kindsOf({ docker: true, packages: { 'docker.io': { version: '20.10' } } })).toEqual(ALWAYS);
    expect(
      await kindsOf({ docker: true, packages: { 'docker-ce': { version: '5:28.0.0-1~debian.12~bookworm' } } }),
    ).toEqual(ALWAYS);
    expect(await kindsOf({ docker: true, os: 'fedora' })).toEqual(ALWAYS);
  });

  test('one that came from us stays in its version, whatever a later cpaas would install', async () => {
    const source = sourceText(dockerSource(parseOsRelease(OS.debian), 'amd64'));
    const ours = {
      docker: true,
      files: { '/etc/apt/sources.list.d/docker.sources': source },
      packages: { 'docker-ce': { version: '5:29.0.0-1~debian.12~bookworm' } },
    };
    expect(await wantOf('host.packages', ours)).toMatchObject({ 'docker-ce version': '5:29.0.0-1~debian.12~bookworm' });
    expect(await wantOf('host.packages', { ...ours, tools: '{ docker: 29.7.1 }' })).toMatchObject({
      'docker-ce version': '5:29.7.1-1~debian.12~bookworm',
    });
  });

  test.each([
    ['comes to name a mirror', 'https://download.docker.com/linux', MIRRORED, 'https://mirror.corp/docker/debian'],
    ['names another mirror', 'https://old.corp/docker', MIRRORED, 'https://mirror.corp/docker/debian'],
    ['names none any more', 'https://mirror.corp/docker', PREPARE, 'https://download.docker.com/linux/debian'],
  ])('one that came from us stays ours where the file %s, and the source follows', async (_, from, host, uri) => {
    const source = sourceText(
      dockerSource(parseOsRelease(OS.debian), 'amd64', { docker: from, kubernetes: 'https://pkgs.k8s.io' }),
    );
    const there = {
      ...{ docker: true, user: 'ada', host },
      files: { '/etc/apt/sources.list.d/docker.sources': source },
      packages: { 'docker-ce': { version: '5:29.0.0-1~debian.12~bookworm' } },
    };
    expect(await kindsOf(there)).toEqual(ALWAYS);
    const ours = { ...there, ours: ['host.packages:vm/docker'] };
    expect(await kindsOf(ours)).toEqual([...ALWAYS, ...ENGINE, 'host.groups']);
    expect(await wantOf('host.repositories', ours)).toMatchObject({
      docker: { source: expect.stringContaining(`URIs: ${uri}\n`) },
    });
    expect(await wantOf('host.packages', ours)).toMatchObject({ 'docker-ce version': '5:29.0.0-1~debian.12~bookworm' });
  });

  test('one that came from us runs on, for its user, on a release that nobody knows packages for', async () => {
    const upgraded: Case = {
      ...{ os: 'unknown', docker: true, user: 'ada', ours: ['host.packages:vm/docker'] },
      packages: { 'docker-ce': { version: '5:29.0.0-1~debian.12~bookworm' } },
    };
    expect(await kindsOf(upgraded)).toEqual([...ALWAYS, 'host.services', 'host.groups']);
    expect(await wantOf('host.services', upgraded)).toEqual({
      'docker.service enabled': true,
      'docker.service started': true,
    });
    // what came from somebody else is nobody's there, too
    expect(await kindsOf({ ...upgraded, ours: [] })).toEqual(ALWAYS);
  });

  test('what the file asks for besides comes with it', async () => {
    const host =
      '{ prepare: true, packages: [jq], grow: true, ufw: remove, calicoctlConfig: true, proxy: "http://proxy:3128", docker: { log-driver: local } }';
    const all = await steps({ host, user: 'ada' });
    expect(all.map(({ kind }) => kind)).toEqual([
      ...['host.volume', 'host.ufw', 'host.packages', ...ALWAYS],
      ...['host.files', 'docker.settings', ...ENGINE, 'host.groups', 'host.files'],
    ]);
    expect(all.find(({ id }) => id === 'host.packages:vm/docker')?.place).toMatchObject({ proxy: 'http://proxy:3128' });
    expect((await wantOf('host.files', { host }))['/etc/calico/calicoctl.cfg']).toMatchObject({
      content: expect.stringContaining('kubeconfig: /state/kubeconfig\n'),
    });
  });

  test('limits that are higher already are left', async () => {
    const [limits] = await steps();
    const claim = (value: string) => limits?.claim('fs.inotify.max_user_watches', { value }, '524288', false);
    expect([claim('1048576'), claim('524288'), claim('8192')]).toEqual(['leave', 'leave', 'take']);
  });

  test('a system that it does not know is refused, with the reason', async () => {
    await expect(steps({ os: 'fedora' })).rejects.toMatchObject({
      code: 'HOST.UNSUPPORTED',
      message: 'Docker cannot be installed here: Fedora Linux 43 is neither Debian nor Ubuntu',
    });
    expect(unsupported(parseOsRelease(OS.debian.replace('12"', '11"')))).toContain('none of the releases');
    expect(unsupported(parseOsRelease(''))).toContain('neither Debian nor Ubuntu');
  });
});

test('Kubernetes has a source for each minor', () => {
  expect(kubernetesSource('1.35', 'arm64')).toMatchObject({
    uri: 'https://pkgs.k8s.io/core:/stable:/v1.35/deb/',
    keyUrl: 'https://pkgs.k8s.io/core:/stable:/v1.35/deb/Release.key',
  });
  expect(sourceText(kubernetesSource('1.35', 'arm64'))).toContain('Suites: /\nArchitectures: arm64\n');
  expect(kubernetesPackageVersion('v1.35.8')).toBe('1.35.8-1.1');
});

describe('this machine as root', () => {
  test('goes by sudo where something changes, with the password that the file refers to', () => {
    expect(workstation(cluster('{}'))[HERE_AS_ROOT]).toEqual({
      name: 'here',
      reach: { via: 'local' },
      sudo: 'changes',
    });
    expect(workstation(cluster('{ grow: true, sudo: { prompt: password } }'))[HERE_AS_ROOT]).toMatchObject({
      sudo: 'changes',
      sudoPassword: { prompt: 'password' },
    });
  });

  test('is prepared for whoever runs cpaas', () => {
    expect(dockerUser({ SUDO_USER: 'ada', USER: 'root' })).toBe('ada');
    expect(dockerUser({ USER: 'ada' })).toBe('ada');
    expect(dockerUser({ USER: 'root' })).toBeUndefined();
  });
});
