import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Facts } from '../../../src/core/facts.ts';
import { dockerEngine } from '../../../src/facts/host/docker-engine.ts';
import { capture, withCaptures } from '../../helpers/captures.ts';
import { type Ending, fakeContext } from '../../helpers/fake-host.ts';

interface Said {
  readonly version?: Ending;
  readonly info?: Ending;
  readonly context?: Ending;
}
const local = JSON.stringify([{ Name: 'default', Endpoints: { docker: { Host: 'unix:///var/run/docker.sock' } } }]);
const server = (version: string, more: object = {}) =>
  JSON.stringify({
    Client: {},
    Server: { Version: version, Platform: { Name: '' }, Components: [{ Name: 'Engine' }], ...more },
  });

function engine({ version = server('28.5.2'), info = '{"OSType":"linux"}', context = local }: Said = {}) {
  const docker = ([verb]: readonly string[]): Ending =>
    verb === 'version' ? version : verb === 'info' ? info : context;
  const ctx = fakeContext({ local: { name: 'here', programs: { docker } } });
  return new Facts(ctx).get(dockerEngine('local'));
}

test('a Docker Engine of this machine has no trouble', async () => {
  expect(await engine()).toEqual({ version: '28.5.2' });
  const info = '{"OSType":"linux","FirewallBackend":{"Driver":"iptables"}}';
  expect(await engine({ version: server('29.7.2'), info })).toEqual({ version: '29.7.2' });
});

test('one that was built without a number is what its API is of', async () => {
  expect(await engine({ version: server('dev', { ApiVersion: '1.56' }) })).toEqual({ version: '29.0.0' });
});

test('Docker 29, as it describes itself', async () => {
  const [version, info] = ['version', 'info'].map((name) =>
    readFileSync(`test/fixtures/docker-29/${name}.json`, 'utf8'),
  );
  expect(await engine({ version: version ?? '', info: info ?? '' })).toEqual({ version: '29.8.1', cgroup: 1 });
});

withCaptures('the engine of the captures is one', async () => {
  const info = capture('docker-info.json');
  expect(await engine({ version: server('20.10.24+dfsg1'), info })).toEqual({ version: '20.10.24+dfsg1', cgroup: 1 });
});

describe('what cannot carry a cluster is told with the reason', () => {
  test.each<[string, Said, RegExp]>([
    ['not installed', { version: { code: 127 } }, /not installed/],
    [
      'not running',
      {
        version: {
          code: 1,
          stdout: '{"Client":{},"Server":null}',
          stderr: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.',
        },
      },
      /does not answer: Cannot connect/,
    ],
    [
      'no permission',
      { version: { code: 1, stderr: 'permission denied while trying to connect' } },
      /permission denied/,
    ],
    ['Docker Desktop', { info: '{"OperatingSystem":"Docker Desktop"}' }, /Docker Desktop/],
    [
      'Docker Desktop, by its platform',
      { version: server('28.3.2', { Platform: { Name: 'Docker Desktop 4.44.3' } }) },
      /Docker Desktop/,
    ],
    [
      'rootless',
      { info: '{"SecurityOptions":["name=seccomp,profile=builtin","name=rootless","name=cgroupns"]}' },
      /rootless/,
    ],
    ['Podman behind its socket', { version: server('5.4.0', { Components: [{ Name: 'Podman Engine' }] }) }, /Podman/],
    [
      'Podman as docker, told not to say so',
      { version: '{"Client":{"Version":"5.4.0"}}', info: '{"host":{"buildahVersion":"1.39.0"},"store":{}}' },
      /Podman/,
    ],
    ['Podman as docker', { version: { code: 125, stderr: 'Emulate Docker CLI using podman.' } }, /Podman/],
    [
      'another machine',
      { context: local.replace('unix:///var/run/docker.sock', 'ssh://root@10.0.0.9') },
      /ssh:\/\/root@10.0.0.9/,
    ],
    ['Windows containers', { info: '{"OSType":"windows"}' }, /windows containers/],
    [
      'filters in nftables',
      { version: server('29.7.2'), info: '{"FirewallBackend":{"Driver":"nftables+firewalld"}}' },
      /filters with nftables.*daemon.json/,
    ],
  ])('%s', async (_, said, trouble) => {
    expect((await engine(said)).trouble).toMatch(trouble);
  });
});
