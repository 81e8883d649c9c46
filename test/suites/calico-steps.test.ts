import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Writer } from '../../src/core/context.ts';
import { Facts } from '../../src/core/facts.ts';
import { reconcile } from '../../src/core/reconcile.ts';
import type { Step } from '../../src/core/step.ts';
import type { Connection } from '../../src/core/transport.ts';
import { calicoVersion } from '../../src/facts/cluster/calico-version.ts';
import { type CalicoApi, calicoApi } from '../../src/kube/calico-api.ts';
import { calicoResources } from '../../src/lab/calico/kinds.ts';
import { ensureCredentials } from '../../src/lab/kube/certificates.ts';
import { CORE_KINDS } from '../../src/lab/kube/core-kinds.ts';
import { createRegistry } from '../../src/lab/kube/objects/registry.ts';
import { Store } from '../../src/lab/kube/objects/store.ts';
import { requestListener } from '../../src/lab/kube/server/server.ts';
import { VERSION } from '../../src/lab/kube/version.ts';
import { labLayout } from '../../src/lab/layout.ts';
import { bgpSettings, calicoBgpConfiguration } from '../../src/steps/calico/bgp-configuration.ts';
import { calicoBgpFilters, ownBlocksOnly } from '../../src/steps/calico/bgp-filters.ts';
import { calicoBgpPeers, globalPeer } from '../../src/steps/calico/bgp-peers.ts';
import { asHost } from '../../src/transport/host.ts';
import { local } from '../../src/transport/local.ts';
import { fakeArtifacts } from '../helpers/fake-artifacts.ts';
import { labSpec } from '../helpers/lab.ts';

// The steps on a cluster through the real kubectl, against the API server of a lab on the loopback and its calicoctl.

const CALICOCTL = resolve('dist/lab/calico/calicoctl/main.js');
const kubectlMissing = !existsSync('/usr/bin/kubectl') && !existsSync('/usr/local/bin/kubectl');
const opened: (() => void)[] = [];

async function cluster(api: CalicoApi) {
  const folder = mkdtempSync(join(tmpdir(), 'cpaas-calico-steps-'));
  const resources = [...CORE_KINDS, ...calicoResources(api)];
  const registry = createRegistry(new Store());
  const files = await ensureCredentials(labSpec('calico-steps'), { ...labLayout('calico-steps'), root: folder });
  const token = readFileSync(files.token, 'utf8');
  const server = createServer(
    { cert: readFileSync(files.certificate), key: readFileSync(files.key) },
    requestListener({ registry, resources, version: VERSION, authorized: () => true }),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  opened.push(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const kubeconfig = join(folder, 'kubeconfig');
  const authority = readFileSync(files.ca).toString('base64');
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'lab', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': authority } },
      ],
      users: [{ name: 'lab', user: { token } }],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
      'current-context': 'lab',
    }),
  );
  writeFileSync(
    join(folder, 'calicoctl'),
    `#!/bin/sh\nCALICOCTL_VERSION=v3.31.7 exec '${process.execPath}' '${CALICOCTL}' "$@"\n`,
    { mode: 0o755 },
  );
  const machine = local('vm');
  const settings = ['env', `HOME=${folder}`, `PATH=${folder}:${process.env['PATH']}`];
  const connection: Connection = { ...machine, exec: (argv, options) => machine.exec([...settings, ...argv], options) };
  const vm = asHost(connection);
  const ctx: Writer = {
    host: () => vm,
    identity: async (key) => key,
    secret: async () => '',
    artifacts: fakeArtifacts(),
    isGoing: () => false,
    progress: () => {},
    signal: new AbortController().signal,
  };
  const kube = { host: 'vm', kubeconfig };
  const create = (kind: string, name: string, spec: object) =>
    vm.run(['kubectl', '--kubeconfig', kubeconfig, 'create', '--validate=false', '-f', '-'], {
      stdin: JSON.stringify({ apiVersion: 'crd.projectcalico.org/v1', kind, metadata: { name }, spec }),
    });
  await create('ClusterInformation', 'default', { calicoVersion: 'v3.31.7', datastoreReady: true });
  return { ctx, kube, create, place: { identity: 'suite', kube, cluster: 'cpaas1', api } };
}

afterEach(() => {
  for (const close of opened.splice(0)) close();
});

const look = async (ctx: Writer, step: Step) =>
  reconcile(step, await step.read(ctx, new Set(step.want.keys())), new Map());

/** One run: what it changed, in words. */
async function run(ctx: Writer, step: Step): Promise<readonly string[]> {
  const { changes, conflicts } = await look(ctx, step);
  if (conflicts.length > 0) throw new Error(conflicts.map(({ why }) => why).join());
  await step.write(ctx, changes);
  expect((await look(ctx, step)).changes).toEqual([]);
  return changes.map(step.describe);
}

describe.skipIf(kubectlMissing).each(['v3', 'crd'] as const)('a cluster that serves %s', (api) => {
  test.skipIf(api === 'crd' && !existsSync(CALICOCTL))(
    'gets its BGP settings, peers and filters, and gives them back',
    async () => {
      const { ctx, kube, place, create } = await cluster(api);
      expect(await new Facts(ctx).get(calicoApi(kube))).toBe(api);
      expect(await new Facts(ctx).get(calicoVersion(kube))).toBe('v3.31.7');

      const settings = (mesh: boolean) =>
        calicoBgpConfiguration(place, bgpSettings({ asNumber: 64512, nodeToNodeMeshEnabled: mesh }));
      expect(await run(ctx, settings(true))).toHaveLength(3);
      expect(await run(ctx, settings(false))).toEqual(['node mesh on → off']);
      expect(await run(ctx, calicoBgpConfiguration(place, []))).toHaveLength(3);
      expect(await run(ctx, calicoBgpConfiguration(place, []))).toEqual([]);

      await create('BGPPeer', 'theirs', { peerIP: '192.0.2.1', asNumber: 65000 });
      const filters = (...wish: Parameters<typeof calicoBgpFilters>[1][]) =>
        calicoBgpFilters(
          place,
          wish.flatMap((one) => [...one]),
        );
      expect(await run(ctx, filters([ownBlocksOnly('own-blocks')]))).toEqual(['BGPFilter own-blocks']);
      const two = [
        globalPeer('bigip1', '10.10.2.20', 64512),
        globalPeer('bigip2', '10.10.2.21', 65001, { filters: ['own-blocks'] }),
      ];
      expect(await run(ctx, calicoBgpPeers(place, two))).toHaveLength(2);
      expect(await run(ctx, calicoBgpPeers(place, [globalPeer('bigip1', '10.10.2.20', 65002)]))).toEqual([
        'BGPPeer bigip1: 10.10.2.20 in AS 64512 → 65002',
        'BGPPeer bigip2: 10.10.2.21 in AS 65001',
      ]);
      expect(await run(ctx, calicoBgpPeers(place, []))).toHaveLength(1);
      expect(await run(ctx, filters())).toHaveLength(1);
      await expect(run(ctx, calicoBgpPeers(place, [globalPeer('a', '192.0.2.1', 1)]))).rejects.toThrow(
        'asNumber 65000 instead of 1',
      );
    },
  );

  test.skipIf(api === 'crd' && !existsSync(CALICOCTL))(
    "changes only its own fields in somebody else's configuration",
    async () => {
      const { ctx, kube, place, create } = await cluster(api);
      const spec = {
        nodeToNodeMeshEnabled: false,
        logSeverityScreen: 'Warning',
        serviceClusterIPs: [{ cidr: '10.43.0.0/16' }],
      };
      await create('BGPConfiguration', 'default', spec);
      const wish = bgpSettings({ asNumber: 64512, nodeToNodeMeshEnabled: true });
      expect(await run(ctx, calicoBgpConfiguration(place, wish))).toEqual(['asNumber 64512', 'node mesh off → on']);
      const step = calicoBgpConfiguration(place, []);
      await step.write(ctx, [
        { key: 'asNumber', from: 64512, to: undefined, before: undefined, cause: 'unwanted' },
        { key: 'nodeToNodeMeshEnabled', from: true, to: false, before: false, cause: 'unwanted' },
      ]);
      const argv = [
        '--kubeconfig',
        kube.kubeconfig,
        'get',
        'bgpconfigurations.crd.projectcalico.org',
        'default',
        '-o',
        'json',
      ];
      const found: unknown = JSON.parse((await ctx.host('vm').run(['kubectl', ...argv])).stdout);
      expect(found).toMatchObject({ spec });
      expect(found).not.toHaveProperty('spec.asNumber');
    },
  );
});
