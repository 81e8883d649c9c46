import { expect, test } from 'vitest';
import { reconcile } from '../../../src/core/reconcile.ts';
import { k3dConditions, k3dPreflight } from '../../../src/steps/k3d/preflight.ts';
import { type FakeProgram, fakeContext, Power } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const place = { host: 'local', cluster: 'cpaas1', nodes: '172.19.0.0/16', bridge: 'br-cpaas1', calico: 'v3.31.7' };
const routes =
  (...rows: readonly object[]): FakeProgram =>
  () =>
    JSON.stringify(rows);
const link = (dst: string, dev: string) => ({ dst, dev, protocol: '2' });
const fine: Readonly<Record<string, FakeProgram>> = {
  k3d: () => 'k3d version v5.9.0\nk3s version v1.35.5-k3s1 (default)\n',
  kubectl: () => '{"clientVersion":{}}',
  calicoctl: () => 'Client Version:    v3.31.7\nGit commit:        abc\n',
  ip: routes({ dst: 'default', gateway: '192.0.2.1' }, link('192.0.2.0/24', 'eth0'), link('172.17.0.0/16', 'docker0')),
};

stepLaws('k3d.preflight', {
  step: k3dPreflight,
  place,
  world: () => ({ machines: { local: { name: 'here', programs: fine } }, power: new Power(), dump: () => 'nothing' }),
  wishes: [[...k3dConditions(place)]],
});

async function conflicts(programs: Readonly<Record<string, FakeProgram>> = {}, trouble: object = {}) {
  const ctx = fakeContext({ local: { name: 'here', programs: { ...fine, ...programs } } });
  const step = k3dPreflight({ ...place, ...trouble }, k3dConditions(place));
  const { conflicts } = reconcile(step, await step.read(ctx, new Set(step.want.keys())), new Map());
  expect(ctx.sent).toEqual([]);
  return conflicts.map(({ why }) => why);
}

test('a machine with all that is needed has no conflict', async () => {
  expect(await conflicts()).toEqual([]);
});

test('what is wrong is told all at once', async () => {
  const gone = () => ({ code: 127 });
  const trouble = { engine: 'this Docker is rootless', kubernetes: 'this release does not start' };
  expect(await conflicts({ k3d: gone, kubectl: gone, calicoctl: gone }, trouble)).toEqual([
    'here: this Docker is rootless',
    'here: this release does not start',
    'here has no k3d',
    'here has no kubectl',
    'here has no calicoctl v3.31.7',
  ]);
});

test.each([
  ['k3d version v5.6.3\n', ['here: k3d 5.6.3 cannot copy files into nodes: take k3d 5.7 or newer']],
  ['k3d version v4.4.8\n', ['here: k3d 4.4.8 cannot copy files into nodes: take k3d 5.7 or newer']],
  ['what is that?\n', ['k3d of here does not say its version']],
  ['k3d version v5.7.0\n', []],
  ['k3d version v6.0.0-rc.1\n', []],
  ['k3d version v5-dev\n', []],
])('%j', async (said, told) => {
  expect(await conflicts({ k3d: () => said })).toEqual(told);
});

test('calicoctl of another version than Calico will be is told before anything is made', async () => {
  expect(await conflicts({ calicoctl: () => 'Client Version:    v3.32.1\n' })).toEqual([
    'here: calicoctl v3.32.1 refuses to work with Calico v3.31.7: take calicoctl v3.31.7, or leave it out',
  ]);
  expect(await conflicts({ calicoctl: () => 'nonsense' })).toEqual(['calicoctl of here does not say its version']);
});

test('a network of the machine’s own that the nodes would be in is named, with one that is free', async () => {
  const ip = routes(link('172.18.0.0/16', 'br-1'), link('172.19.0.0/24', 'br-2'));
  expect(await conflicts({ ip })).toEqual([
    'here has 172.19.0.0/24 already, on br-2: 172.19.0.0/16 overlaps it; 172.20.0.0/16 is free here: network.nodes',
  ]);
});

test('the cluster’s own bridge, the default route and a wider route of a VPN are no rivals', async () => {
  const vpn = { dst: '172.16.0.0/12', gateway: '10.8.0.1', dev: 'tun0', protocol: '3' };
  const ip = routes({ dst: 'default', gateway: '192.0.2.1' }, link('172.19.0.0/16', 'br-cpaas1'), vpn);
  expect(await conflicts({ ip })).toEqual([]);
});

test('a route of somebody’s into the node network is one', async () => {
  const ip = routes({ dst: '172.19.7.0/24', gateway: '192.0.2.9', dev: 'eth0', protocol: '4' });
  expect(await conflicts({ ip })).toEqual([expect.stringContaining('here has 172.19.7.0/24 already, on eth0')]);
});
