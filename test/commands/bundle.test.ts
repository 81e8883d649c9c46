import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../helpers/fake-artifacts.ts';
import { type FileServer, fileServer } from '../helpers/file-server.ts';
import { runCpaas } from '../helpers/run-cpaas.ts';

let folder: string;
let mirror: FileServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-bundles-'));
  mirror = await fileServer();
  const release = '/github.com/k3d-io/k3d/releases/download/v5.9.0';
  mirror.files.set(`${release}/k3d-linux-amd64`, Buffer.from('k3d'));
  mirror.files.set(`${release}/checksums.txt`, Buffer.from(`${sha256('k3d')}  k3d-linux-amd64\n`));
  writeFileSync(
    join(folder, 'cpaas.yaml'),
    `apiVersion: cpaas.dev/v1alpha1
kind: Cluster
metadata: { name: site1 }
spec:
  provider: { existing: { kubeconfig: /none } }
  network: { nodes: 10.1.20.0/24, pods: 10.42.0.0/16, services: 10.43.0.0/16 }
  routers: [{ name: bigip1, address: 10.1.20.11, bigip: { ssh: { host: 192.0.2.11 } } }]
  artifacts: { mirror: "${mirror.url}" }
  tools: { k3d: 5.9.0 }
`,
  );
});
afterEach(async () => {
  await mirror.close();
  rmSync(folder, { recursive: true, force: true });
});

const cpaas = (cache: string, ...words: readonly string[]) =>
  runCpaas([...words, '-f', join(folder, 'cpaas.yaml')], { XDG_CACHE_HOME: join(folder, cache), HOME: folder });

test('create packs what the file needs, records what it met, and load brings it elsewhere', async () => {
  const file = join(folder, 'site1.tar');
  const images = join(folder, 'images.tar');
  writeFileSync(images, 'images');
  const words = ['bundle', 'create', file, '--image', images, '--platform', 'linux/amd64', '-o', 'json'];
  const created = await cpaas('one', ...words);
  expect(created.code, created.stderr).toBe(0);
  expect(JSON.parse(created.stdout)).toMatchObject({
    kind: 'Bundle',
    cluster: 'site1',
    artifacts: [{ name: 'k3d', version: '5.9.0', platform: 'linux/amd64', sha256: sha256('k3d') }],
    images: [{ name: 'images.tar', sha256: sha256('images') }],
  });
  expect(readFileSync(join(folder, 'cpaas.lock'), 'utf8')).toContain(`k3d 5.9.0 linux/amd64 ${sha256('k3d')}`);
  const loaded = await cpaas('two', 'bundle', 'load', file);
  expect(loaded.stdout).toContain('is loaded: 1 artifact, 1 image archive');
  expect(existsSync(join(folder, 'two', 'cpaas', 'sha256', sha256('k3d')))).toBe(true);
});

test('an image archive that is not there is told before anything is fetched', async () => {
  const { code, stderr } = await cpaas(
    'one',
    'bundle',
    'create',
    join(folder, 'b.tar'),
    '--image',
    join(folder, 'none'),
  );
  expect([code, stderr]).toEqual([2, expect.stringContaining('ARTIFACT.IMAGE')]);
  expect(mirror.requests).toEqual([]);
});
