import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applied, expectWhole } from '../helpers/cpaas.ts';
import { Bed, generations, K3D, missing } from './bed.ts';

const IMAGE = 'docker.io/rancher/k3s:v1.34.4-k3s1';
/** What somebody else's cluster is made of. */
const THEIRS = 'somebody/k3s:1';

describe.skipIf(missing !== undefined).each(generations)('the real k3d on Docker %s', (generation) => {
  const bed = new Bed(generation);
  let found = '';
  /** Of the cluster beside ours. */
  let neighbor = '';
  const neighbors = () =>
    bed.vm('docker', 'ps', '--filter', 'label=k3d.cluster=other', '--format', '{{.ID}} {{.Names}} {{.State}}');
  const serversOfTheirs = async () => {
    const [theirs] = JSON.parse(await bed.vm('k3d', 'cluster', 'list', 'other', '-o', 'json'));
    return theirs.serversRunning;
  };

  beforeAll(async () => {
    await bed.start();
    // somebody's own cluster, network and kubeconfig
    await bed.vm('docker', 'network', 'create', '--subnet', '172.29.0.0/24', '--gateway', '172.29.0.1', 'somebodys');
    await bed.vm('sh', '-c', 'mkdir -p ~/.kube && echo mine > ~/.kube/config');
    await bed.vm('docker', 'tag', IMAGE, THEIRS);
    const theirs = ['--image', THEIRS, '--network', 'somebodys', '--no-lb', '--kubeconfig-update-default=false'];
    await bed.vm('k3d', 'cluster', 'create', 'other', ...theirs);
    neighbor = await neighbors();
    found = await bed.traces();
  });
  afterAll(() => bed.stop());

  test('plan on a prepared machine tells what is missing there, and when the rest will be known', async () => {
    const { phases, summary, code } = await bed.plan();
    expect(code).toBe(0);
    const missing = phases.flatMap(({ steps }) => steps.filter(({ state }) => state === 'pending'));
    expect(missing.map(({ kind }) => kind)).toEqual(['docker.network', 'k3d.cluster']);
    expect(
      phases.filter(({ deferred }) => deferred !== undefined).map(({ name, deferred }) => [name, deferred]),
    ).toEqual(['Calico', 'Forwarding', 'Routers', 'Host routes'].map((name) => [name, 'known after Cluster']));
    expect(summary).toMatchObject({ conflict: 0, unreachable: 0 });
    expect(await bed.traces()).toBe(found);
  });

  test('up goes from the file to the proof', async () => {
    const run = await bed.up();
    expect(run, run.stderr).toMatchObject({ code: 0, outcome: 'applied' });
    expectWhole(await bed.verify());
    expect(Object.keys(await bed.addresses()).sort()).toEqual(
      ['agent-0', 'agent-1', 'agent-2', 'server-0'].map((node) => `k3d-${bed.name}-${node}`),
    );
  });

  test('the network is let through where Docker would not', async () => {
    const options = await bed.vm('docker', 'network', 'inspect', '--format', '{{json .Options}}', `k3d-${bed.name}`);
    expect(JSON.parse(options)).toEqual({
      'com.docker.network.bridge.name': `br-${bed.name}`,
      ...(generation !== '20' ? { 'com.docker.network.bridge.gateway_mode_ipv4': 'nat-unprotected' } : {}),
    });
  });

  test('its kubeconfig is nobody else’s and leads to an address of the VM', async () => {
    const path = join(bed.folder, 'state', bed.name, 'kubeconfig');
    expect(readFileSync(path, 'utf8')).toMatch(/server: https:\/\/10\.10\.2\.10:\d+/);
    expect(await bed.vm('stat', '-c', '%a', path)).toBe('600');
    expect(await bed.vm('kubectl', '--kubeconfig', path, 'get', '--raw', '/readyz')).toBe('ok');
    expect(readFileSync(join(bed.home, '.kube/config'), 'utf8')).toBe('mine\n');
  });

  test('a second up changes nothing, and nothing is left to plan', async () => {
    expect(await bed.up()).toMatchObject({ code: 0, outcome: 'unchanged' });
    expect((await bed.plan()).summary).toMatchObject({ pending: 0, conflict: 0, unreachable: 0, deferred: 0 });
  });

  test('nodes that come back at other addresses are found again by routes, neighbors and Calico in one run', async () => {
    const before = await bed.addresses();
    const names = Object.keys(before).sort();
    await bed.vm('docker', 'stop', ...names);
    const [last = '', ...others] = names.toSorted((a, b) => ((before[a] ?? '') < (before[b] ?? '') ? -1 : 1)).reverse();
    for (const name of [last, ...others]) await bed.vm('docker', 'start', name);
    expect(await bed.addresses()).not.toEqual(before);
    const run = await bed.up();
    expect(run, run.stderr).toMatchObject({ code: 0, outcome: 'applied' });
    expectWhole(await bed.verify());
    expect(await bed.up()).toMatchObject({ outcome: 'unchanged' });
  });

  test('stopped nodes are started', async () => {
    await bed.vm('k3d', 'cluster', 'stop', bed.name);
    const run = await bed.up();
    expect(run, run.stderr).toMatchObject({ code: 0, outcome: 'applied' });
    expectWhole(await bed.verify());
  });

  test('nothing is taken for gone while the engine is stopped; once it runs again, up brings everything back', async () => {
    await bed.haltEngine();
    const refused = await bed.up();
    expect(refused, refused.stderr).toMatchObject({
      code: 2,
      outcome: 'failed',
      error: { code: 'DOCKER.UNREACHABLE' },
    });
    const kept = await bed.down();
    expect(kept, kept.stderr).toMatchObject({ code: 2, outcome: 'failed' });
    expect(applied(kept)).not.toContain('here k3d.cluster');
    expect(applied(kept)).not.toContain('here docker.network');
    await bed.restartEngine();
    const run = await bed.up();
    expect(run, run.stderr).toMatchObject({ code: 0, outcome: 'applied' });
    expectWhole(await bed.verify());
    expect(await bed.up()).toMatchObject({ outcome: 'unchanged' });
  });

  test('agents come and go with the file', async () => {
    bed.edit({ agents: 4 });
    const more = await bed.up();
    expect(applied(more)).toEqual(['here k3d.cluster', 'bigip1 bigip.bgp', 'here host.routes']);
    expect(Object.keys(await bed.addresses())).toContain(`k3d-${bed.name}-agent-3-0`);
    expectWhole(await bed.verify());
    bed.edit({ agents: 2 });
    const fewer = await bed.up();
    expect([...applied(fewer)].sort(), fewer.stderr).toEqual([
      'bigip1 bigip.bgp',
      'here host.routes',
      'here k3d.cluster',
    ]);
    const order = ['Routes to the pods', 'router bgp', 'k3d cluster'].map((title) =>
      fewer.stderr.search(new RegExp(`${title}.*: - `)),
    );
    expect(order, fewer.stderr).toEqual([...order].sort((one, other) => one - other));
    expect(Object.keys(await bed.addresses()).sort()).toEqual(
      ['agent-0', 'agent-1', 'server-0'].map((node) => `k3d-${bed.name}-${node}`),
    );
    // the stand-in makes a node anew that was deleted, and then sees that it was
    const kubeconfig = join(bed.folder, 'state', bed.name, 'kubeconfig');
    const nodes = () => bed.vm('kubectl', '--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'name');
    await expect.poll(async () => (await nodes()).split('\n'), { timeout: 30_000 }).toHaveLength(3);
    expectWhole(await bed.verify());
  });

  test('another release makes the cluster anew, which only its name allows', async () => {
    const images = async () => {
      const names = Object.keys(await bed.addresses());
      const lines = await bed.vm('docker', 'inspect', '--format', '{{.Config.Image}}', ...names);
      return [...new Set(lines.split('\n'))];
    };
    bed.edit({ version: 'v1.34.5+k3s1' });
    expect(await bed.up()).toMatchObject({ code: 2, error: { code: 'CONSENT.NEEDED' } });
    expect(await images()).toEqual([IMAGE]);
    const run = await bed.up('--confirm', bed.name);
    expect(run, run.stderr).toMatchObject({ code: 0, outcome: 'applied' });
    expect(await images()).toEqual(['docker.io/rancher/k3s:v1.34.5-k3s1']);
    expectWhole(await bed.verify());
    expect(await bed.up()).toMatchObject({ outcome: 'unchanged' });
  });

  test.runIf(generation === '29')(
    'a cluster that lost its server is made anew, which only its name allows',
    async () => {
      await bed.vm('docker', 'rm', '--force', `k3d-${bed.name}-server-0`);
      const asked = await bed.up();
      expect(asked, asked.stderr).toMatchObject({ code: 2, error: { code: 'CONSENT.NEEDED' } });
      const run = await bed.up('--confirm', bed.name);
      expect(run, run.stderr).toMatchObject({ code: 0, outcome: 'applied' });
      expectWhole(await bed.verify());
    },
  );

  test('down leaves the engine, its networks, volumes, rules, routes and kubeconfigs as they were', async () => {
    expect(await bed.down()).toMatchObject({ code: 0, outcome: 'applied' });
    expect(await bed.traces()).toBe(found);
    expect(await neighbors()).toBe(neighbor);
    expect(await serversOfTheirs()).toBe(1);
  });

  test.runIf(generation !== '20')('without a network a run changes nothing, and with a bundle all of it', async () => {
    const images = [IMAGE, `ghcr.io/k3d-io/k3d-tools:${K3D}`];
    const [archive, bundle] = [join(bed.folder, 'images.tar'), join(bed.folder, 'bundle.tar')];
    bed.edit({ version: 'v1.34.4+k3s1', agents: 1 });
    await bed.vm('docker', 'save', '--output', archive, ...images);
    expect(await bed.cpaas('bundle', 'create', bundle, '--image', archive)).toMatchObject({ code: 0 });
    await bed.vm('docker', 'rmi', ...images);
    bed.emptyCache();
    const bare = await bed.traces();
    expect(await bed.up()).toMatchObject({ outcome: 'failed', error: { code: 'ARTIFACT.UNREACHABLE' } });
    expect(await bed.traces()).toBe(bare);
    const run = await bed.up('--bundle', bundle);
    expect(run, run.stderr).toMatchObject({ code: 0, outcome: 'applied' });
    expectWhole(await bed.verify());
    expect(await bed.down()).toMatchObject({ code: 0, outcome: 'applied' });
    expect(await bed.traces()).toBe(found);
  });

  test.runIf(generation === '29')(
    'an engine that filters with nftables is refused before anything is changed',
    async () => {
      await bed.restartEngine({ 'firewall-backend': 'nftables' });
      const refused = await bed.up();
      expect(refused, refused.stderr).toMatchObject({ code: 2, error: { code: 'STEP.CONFLICT' } });
      expect(refused.error?.message).toContain('filters with nftables');
      expect(await bed.vm('docker', 'network', 'ls', '--quiet', '--filter', `name=k3d-${bed.name}`)).toBe('');
      await bed.restartEngine();
    },
  );

  test('somebody else’s cluster of the same name is a conflict, and stays', async () => {
    const name = `k3d-${bed.name}-server-0`;
    await bed.vm(
      'docker',
      'run',
      '-d',
      '--name',
      name,
      '--label',
      `k3d.cluster=${bed.name}`,
      '--label',
      'k3d.role=server',
      IMAGE,
      'noop',
    );
    expect(await bed.up()).toMatchObject({ code: 2, error: { code: 'STEP.CONFLICT' } });
    expect(await bed.vm('docker', 'inspect', '--format', '{{.State.Running}}', name)).toBe('true');
    await bed.vm('docker', 'rm', '-f', name);
  });
});
