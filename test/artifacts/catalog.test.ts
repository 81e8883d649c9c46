import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { digestOf } from '../../src/artifacts/cache.ts';
import { catalogNames, entryOf, sourceOf } from '../../src/artifacts/catalog.ts';
import { digestIn } from '../../src/artifacts/checksums.ts';
import { onMirror } from '../../src/artifacts/mirror.ts';
import type { Platform } from '../../src/core/artifacts.ts';
import { platformOf } from '../../src/core/platform.ts';
import { sha256 } from '../helpers/fake-artifacts.ts';

const CHECKSUMS = '../shared/data/checksums.json';
const MANIFESTS = '../shared/data/calico';
for (const path of [CHECKSUMS, MANIFESTS])
  if (!existsSync(path)) console.warn(`skipped: ${path} is not here, so the catalog is not compared with it`);

test('every file of the catalog is an entry of its own name, whose pinned versions have their default among them', () => {
  for (const name of catalogNames()) {
    const entry = entryOf(name);
    expect(entry.name).toBe(name);
    const pinned = Object.keys(entry.sha256);
    if (pinned.length > 0) expect(pinned).toContain(entry.default);
    for (const platform of entry.platforms)
      expect(sourceOf({ name, version: entry.default, platform }).url).toMatch(/^https:\/\/[\w.-]+\/[\w./%-]+$/);
  }
});

test('what has no published digest has pinned ones', () => {
  const silent = catalogNames().filter((name) => entryOf(name).checksum === undefined);
  expect(silent).toEqual(['calico-manifest', 'calicoctl']);
});

const Checksums = z.object({
  files: z.record(
    z.string(),
    z.object({ url: z.string(), sha: z.record(z.string(), z.record(z.string(), z.string())) }),
  ),
});

test.skipIf(!existsSync(CHECKSUMS))('pinned digests and URLs are those that were gathered', () => {
  const { files } = Checksums.parse(JSON.parse(readFileSync(CHECKSUMS, 'utf8')));
  expect(Object.keys(files).filter((name) => !catalogNames().includes(name))).toEqual([]);
  for (const [name, { url, sha }] of Object.entries(files))
    for (const [version, digests] of Object.entries(sha))
      for (const [arch, digest] of Object.entries(digests)) {
        const source = sourceOf({ name, version, platform: `linux/${arch}` as Platform });
        expect(source.url).toBe(url.replaceAll('{version}', version).replaceAll('{arch}', arch));
        expect(`sha256:${source.pinned}`).toBe(digest);
      }
});

test.skipIf(!existsSync(MANIFESTS))('the manifests of Calico are those that were published', async () => {
  for (const version of ['v3.31.7', 'v3.32.1'])
    expect(sourceOf({ name: 'calico-manifest', version, platform: 'linux/amd64' }).pinned).toBe(
      await digestOf(`${MANIFESTS}/${version}/calico.yaml`),
    );
});

test('URLs say what the publisher says, also a plus in a version', () => {
  const images = sourceOf({ name: 'k3s-airgap-images', version: 'v1.35.5+k3s1', platform: 'linux/arm64' });
  expect(images).toMatchObject({
    url: 'https://github.com/k3s-io/k3s/releases/download/v1.35.5%2Bk3s1/k3s-airgap-images-arm64.tar.zst',
    checksum: 'https://github.com/k3s-io/k3s/releases/download/v1.35.5%2Bk3s1/sha256sum-arm64.txt',
  });
  expect(sourceOf({ name: 'k9s', version: '0.50.6', platform: 'darwin/arm64', program: 'k9s' })).toMatchObject({
    url: 'https://github.com/derailed/k9s/releases/download/v0.50.6/k9s_Darwin_arm64.tar.gz',
    member: 'k9s',
  });
});

test('a mirror has the publisher’s host and path below its own', () => {
  const url = 'https://dl.k8s.io/release/v1.35.8/bin/linux/amd64/kubectl';
  expect(onMirror(url, 'https://mirror.example/cpaas/')).toBe(`https://mirror.example/cpaas/${url.slice(8)}`);
  expect(onMirror(url, undefined)).toBe(url);
});

test('a digest is found as publishers write it', () => {
  const digest = sha256('a');
  expect(digestIn(`${digest}\n`, 'kubectl')).toBe(digest);
  expect(digestIn(digest.toUpperCase(), 'kubectl')).toBe(digest);
  expect(digestIn(`${sha256('b')}  runc.arm64\n${digest} *runc.amd64\n`, 'runc.amd64')).toBe(digest);
  expect(digestIn(`${digest}  ./x86/other\n`, 'runc.amd64')).toBeUndefined();
  expect(digestIn('<html>no such page</html>', 'kubectl')).toBeUndefined();
});

test('platforms are those of uname and of node', () => {
  expect([platformOf('Linux', 'x86_64'), platformOf('linux', 'arm64'), platformOf('Darwin', 'arm64')]).toEqual([
    'linux/amd64',
    'linux/arm64',
    'darwin/arm64',
  ]);
  expect(() => platformOf('Linux', 'riscv64')).toThrow(expect.objectContaining({ code: 'ARTIFACT.PLATFORM' }));
});
