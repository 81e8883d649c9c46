import { describe, expect, test } from 'vitest';
import { reconcile } from '../../../src/core/reconcile.ts';
import { DAEMON_JSON, editDaemonJson } from '../../../src/host/daemon-json.ts';
import { dockerSettings, settings } from '../../../src/steps/docker/settings.ts';
import { fakeDebian } from '../../helpers/fake-debian.ts';
import { fakeContext } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const place = { host: 'vm', cluster: 'cpaas1' };
/** Written by a person, in his own way. */
const THEIRS = '{"storage-driver" : "overlay2",\n    "log-opts": { "max-file":"3" } }';
const world = (content?: string) => () =>
  fakeDebian('vm', {
    folders: ['/etc/docker/'],
    ...(content === undefined ? {} : { files: { [DAEMON_JSON]: content } }),
    services: { 'docker.service': { enabled: true, active: true } },
  });
const wishes = [
  settings({ 'log-driver': 'json-file', 'log-opts.max-size': '100m' }),
  settings({ 'log-opts.max-size': '10m', 'default-ulimits': { nofile: { Name: 'nofile', Hard: 65536, Soft: 65536 } } }),
];

describe.each([
  ['where there is no file', undefined],
  ['in the file of a person', THEIRS],
  ['in an empty object', '{}\n'],
])('%s', (_, content) => {
  // what is in the file is known when it is written
  stepLaws('docker.settings', { step: dockerSettings, place, world: world(content), wishes, verbatim: false });
});

const look = async (wish: Readonly<Record<string, unknown>>, content?: string) => {
  const step = dockerSettings(place, settings(wish));
  const found = world(content)();
  return reconcile(step, await step.read(fakeContext(found.machines), new Set(step.want.keys())), new Map());
};

test("somebody else's value is a conflict, and what he says otherwise is kept", async () => {
  expect((await look({ 'storage-driver': 'zfs' }, THEIRS)).conflicts).toEqual([
    { key: 'storage-driver', why: `${DAEMON_JSON} has storage-driver "overlay2": "zfs" is wanted` },
  ]);
  expect(editDaemonJson(THEIRS, [['log-opts.max-size', '1m']])).toContain('"storage-driver" : "overlay2"');
});

test('an empty file has no settings, as for Docker', async () => {
  expect((await look({ 'log-driver': 'local' }, ' \n')).changes.map(({ key }) => key)).toEqual(['log-driver']);
  const filled = editDaemonJson('\n', [['log-opts.max-size', '1m']]);
  expect(JSON.parse(filled)).toEqual({ 'log-opts': { 'max-size': '1m' } });
  expect(JSON.parse(editDaemonJson(filled, [['log-opts.max-size', undefined]]))).toEqual({});
});

test('a file that Docker cannot read either is refused, with its line', async () => {
  await expect(look({}, '{\n  "log-driver": json\n}')).rejects.toMatchObject({
    code: 'DOCKER.SETTINGS',
    evidence: [{ label: 'line 2', text: '"log-driver": json' }],
  });
  await expect(look({}, '[]')).rejects.toMatchObject({ code: 'DOCKER.SETTINGS' });
});

test('an engine that runs starts again, and it is said what that means', () => {
  const step = dockerSettings({ ...place, running: true }, settings({ 'log-driver': 'local' }));
  const change = { key: 'log-driver', from: undefined, to: 'local', before: undefined, cause: 'wanted' } as const;
  expect(step.risk(change)).toMatchObject({ risk: 'disruptive', why: expect.stringContaining('containers stop') });
  expect(step.describe({ ...change, from: 'json-file' })).toBe('log-driver "json-file" → "local"');
  expect(step.close?.commands).toEqual([{ argv: ['systemctl', 'try-restart', 'docker.service'] }]);
});
