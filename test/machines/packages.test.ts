import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AptSource } from '../../src/host/apt/source.ts';
import { file, folder } from '../../src/host/files.ts';
import { hostFiles } from '../../src/steps/host/files.ts';
import { hostPackages, installed, pinned } from '../../src/steps/host/packages.ts';
import { hostRepositories, repository } from '../../src/steps/host/repositories.ts';
import { hostServices, running } from '../../src/steps/host/services.ts';
import { until } from '../helpers/lab.ts';
import { standIn, writeRepository } from '../helpers/machines/apt.ts';
import { rootfs } from '../helpers/machines/cache.ts';
import { type Lan, makeLan } from '../helpers/machines/lan.ts';
import { type Machine, startMachine } from '../helpers/machines/machine.ts';
import { type Mirror, startMirror } from '../helpers/machines/mirror.ts';
import { openSite, type Site } from '../helpers/machines/site.ts';
import { differences, type MachineState, stateOf } from '../helpers/machines/state.ts';

// What steps do with files, repositories, packages and services, against the real apt, dpkg and systemd.

const MIRROR = '10.214.0.1';
let lan: Lan;
let mirror: Mirror;
let machine: Machine;
let site: Site;
let found: MachineState;

beforeAll(async () => {
  lan = await makeLan({ name: 'hm-pkg', address: `${MIRROR}/24` });
  mirror = await startMirror(lan, MIRROR, rootfs(), ['jq', 'tree']);
  const engine = (version: string) =>
    standIn(join(lan.folder, 'debs'), {
      name: 'engine',
      version,
      depends: ['engine-core'],
      files: {
        '/usr/bin/engine': '#!/bin/sh\nexec sleep infinity\n',
        '/usr/lib/systemd/system/engine.service': UNIT,
        '/etc/engine.conf': 'x\n',
      },
      conffiles: ['/etc/engine.conf'],
      scripts: {
        postinst: 'systemctl daemon-reload; systemctl enable -q --now engine.service',
        prerm: 'if [ "$1" = remove ]; then systemctl disable -q --now engine.service; fi',
        postrm: 'systemctl daemon-reload; if [ "$1" = purge ]; then rm -rf /var/lib/engine; fi',
      },
    });
  const core = standIn(join(lan.folder, 'debs'), { name: 'engine-core', version: '1.0' });
  writeRepository(join(mirror.folder, 'engine'), [engine('1:2.0-1'), engine('1:3.0-1'), core], mirror.key, {
    suite: 'bookworm',
    component: 'stable',
  });
  writeFileSync(join(mirror.folder, 'engine', 'gpg'), mirror.key.armored);
  machine = await startMachine(lan, { name: 'm1', address: '10.214.0.11', image: rootfs() });
  await mirror.use(machine);
  site = openSite({ m1: machine.spec() });
  found = await stateOf(machine);
});
afterAll(async () => {
  await site?.close();
  await machine?.stop();
  await mirror?.stop();
  await lan?.remove();
});

const HOLD_THE_LOCK = `use Fcntl; open F, ">>/var/lib/apt/lists/lock" or die;
$lock = pack("s s x4 q q l x4", F_WRLCK, 0, 0, 0, 0);
fcntl F, F_SETLK, $lock or die;
open M, ">/run/held"; close M; select undef, undef, undef, 0.05 while -e "/run/held";`;
const UNIT = '[Service]\nExecStart=/usr/bin/engine\n[Install]\nWantedBy=multi-user.target\n';

type Wish = readonly (readonly [string, string])[];
const packages = (wish: Wish, set = 'tools') => hostPackages({ host: 'm1', set, title: 'packages' }, wish);
const source = (other: Partial<AptSource> = {}): AptSource => ({
  name: 'engine',
  uri: `${mirror.url}/engine`,
  suite: 'bookworm',
  components: ['stable'],
  architecture: 'amd64',
  keyUrl: `${mirror.url}/engine/gpg`,
  fingerprint: mirror.key.fingerprint,
  ...other,
});
const repositories = (...sources: readonly AptSource[]) =>
  hostRepositories(
    { host: 'm1', set: 'engine', keys: Object.fromEntries(sources.map(({ name, keyUrl }) => [name, keyUrl])) },
    sources.map(repository),
  );
const asFound = async () => expect(differences(found, await stateOf(machine))).toEqual([]);

describe('host.packages', () => {
  test('packages come with their dependencies and go with them', async () => {
    expect(await site.steps(packages([installed('jq')]))).toEqual(['jq']);
    expect(await machine.ask(['jq', '--version'])).toContain('jq-1.6');
    expect(await site.steps(packages([installed('jq')]))).toEqual([]);
    expect(await site.down()).toEqual([]);
    expect(site.holdings()).toHaveLength(1);
    expect(await site.down({ purge: true })).toEqual(['jq']);
    expect(site.holdings()).toEqual([]);
    await asFound();
  });

  test('what was there before is left: a package, a dependency, and what nobody needs any more', async () => {
    await machine.ask(['apt-get', '-q', '-y', 'install', '--no-install-recommends', 'libonig5', 'tree']);
    await machine.ask(['apt-mark', 'auto', 'tree']);
    const before = await stateOf(machine);
    await site.steps(packages([installed('jq'), installed('procps')]));
    expect(await site.down({ purge: true })).toEqual(['jq']);
    expect(differences(before, await stateOf(machine))).toEqual([]);
    await machine.ask(['apt-get', '-q', '-y', '--auto-remove', 'purge', 'libonig5', 'tree']);
    await asFound();
  });

  test('a version that is not there is said, with what apt said', async () => {
    await expect(site.steps(packages(pinned('jq', '99.0')))).rejects.toMatchObject({ code: 'APT.MISSING' });
    await site.down({ purge: true });
  });

  test('the lock of another apt is waited for', async () => {
    // perl: nothing else of a minimal Debian locks as apt does
    const held = machine.run(['perl', '-e', HOLD_THE_LOCK]);
    await machine.ask(['sh', '-c', 'timeout 20 sh -c "until [ -e /run/held ]; do sleep 0.05; done"']);
    const done = site.steps(packages([installed('jq')]));
    await until(async () =>
      site.events.some((event) => event.type === 'step.progress' && /waiting.*held by process/.test(event.text)),
    );
    await machine.ask(['rm', '/run/held']);
    expect((await held).code).toBe(0);
    expect(await done).toEqual(['jq']);
    await site.down({ purge: true });
  });

  test('dpkg that was cut off is mended first', async () => {
    await machine.ask([
      'sh',
      '-c',
      'cd /tmp && apt-get -q download jq libonig5 libjq1 && dpkg --unpack *.deb && rm *.deb',
    ]);
    expect(await site.steps(packages([installed('jq')]))).toEqual(['jq']);
    await site.down({ purge: true });
    await machine.run(['apt-get', '-q', '-y', 'purge', 'jq', 'libonig5', 'libjq1']);
    await asFound();
  });
});

describe('host.repositories', () => {
  test('a pinned, held package of a repository with its service; all of it goes', async () => {
    const engine = (version: string) => packages(pinned('engine', version), 'engine');
    const service = hostServices({ host: 'm1', set: 'engine', title: 'engine' }, running('engine.service'));
    expect(await site.steps(repositories(source()), engine('1:2.0-1'), service)).toEqual([
      `engine: ${mirror.url}/engine bookworm`,
      'engine',
      'engine 1:2.0-1',
      'engine held',
    ]);
    expect(await machine.ask(['apt-mark', 'showhold'])).toBe('engine\n');
    expect(await site.steps(repositories(source()), engine('1:2.0-1'), service)).toEqual([]);
    await machine.ask(['apt-get', '-q', '-y', 'upgrade']);
    expect(await site.steps(repositories(source()), engine('1:2.0-1'), service)).toEqual([]);
    await machine.ask(['systemctl', 'stop', 'engine.service']);
    expect(await site.steps(repositories(source()), engine('1:2.0-1'), service)).toEqual(['engine.service started']);
    expect(await site.steps(repositories(source()), engine('1:3.0-1'), service)).toEqual(['engine 1:3.0-1']);
    await site.down({ purge: true });
    expect(site.holdings()).toEqual([]);
    await asFound();
  });

  test('a key with another fingerprint is not taken', async () => {
    const wrong = source({ fingerprint: '0'.repeat(40) });
    await expect(site.steps(repositories(wrong))).rejects.toMatchObject({ code: 'APT.KEY' });
    await site.down({ purge: true });
    await asFound();
  });

  test('a source of another hand for the same is told before apt would read none at all', async () => {
    const [theirs, line] = ['/etc/apt/sources.list.d/theirs.list', `${mirror.url}/engine bookworm stable\n`];
    await machine.ask(['tee', theirs], `deb [signed-by=/etc/apt/trusted.gpg.d/mirror.asc] ${line}`);
    await expect(site.steps(repositories(source()))).rejects.toMatchObject({ code: 'STEP.CONFLICT' });
    expect((await machine.run(['apt-get', '-q', 'update'])).code).toBe(0);
    // what would have come of it
    await machine.ask(
      ['tee', '/etc/apt/sources.list.d/second.list'],
      `deb [signed-by=/etc/apt/keyrings/engine.asc] ${line}`,
    );
    expect(await machine.run(['apt-get', '-q', 'update'])).toMatchObject({
      code: 100,
      stderr: expect.stringContaining('Conflicting values set for option Signed-By'),
    });
    await machine.ask(['rm', theirs, '/etc/apt/sources.list.d/second.list']);
    await machine.ask(['apt-get', '-q', 'update']);
    await asFound();
  });

  test('a repository that does not answer is said', async () => {
    const away = source({ uri: `${mirror.url}/nowhere` });
    await expect(site.steps(repositories(away))).rejects.toMatchObject({ code: 'APT.SOURCE' });
    await site.down({ purge: true });
    await asFound();
  });
});

describe('host.files', () => {
  test('files and folders come and go; what others had there comes back, what they put there stays', async () => {
    await machine.ask([
      'sh',
      '-c',
      'echo theirs >/etc/theirs.conf; chown games:games /etc/theirs.conf; chmod 640 /etc/theirs.conf',
    ]);
    const before = await stateOf(machine);
    const files = hostFiles({ host: 'm1', set: 'a', title: 'files', replace: true }, [
      folder('/etc/ours/'),
      file('/etc/ours/a b.conf', "it's\n"),
      file('/etc/theirs.conf', 'ours\n', '600'),
    ]);
    expect(await site.steps(files)).toEqual(['/etc/ours/', '/etc/ours/a b.conf', '/etc/theirs.conf (replaced)']);
    expect(await site.steps(files)).toEqual([]);
    expect(await machine.ask(['cat', '/etc/ours/a b.conf'])).toBe("it's\n");
    await site.down();
    expect(differences(before, await stateOf(machine))).toEqual([]);
    await site.steps(files);
    await machine.ask(['touch', '/etc/ours/theirs']);
    await site.down();
    expect(differences(before, await stateOf(machine))).toEqual(['+ etc/ours', '+ etc/ours/theirs']);
    await machine.ask(['rm', '-r', '/etc/ours', '/etc/theirs.conf']);
    expect(site.holdings()).toEqual([]);
  });
});
