import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Cache } from '../../src/artifacts/cache.ts';
import { openClient } from '../../src/artifacts/client.ts';
import { download } from '../../src/artifacts/download.ts';
import { LockFile } from '../../src/artifacts/lock-file.ts';
import { openStore, type StoreOptions } from '../../src/artifacts/store.ts';
import type { Artifact } from '../../src/core/artifacts.ts';
import type { Event } from '../../src/core/events.ts';
import { sha256 } from '../helpers/fake-artifacts.ts';
import { cutAfter, type FileServer, fileServer, firstByteOf, status } from '../helpers/file-server.ts';

const amd64 = 'linux/amd64' as const;
/** Not in the catalog, so its digest is what its publisher says. */
const k3d: Artifact = { name: 'k3d', version: 'v5.9.0', platform: amd64 };
const K3D = '/github.com/k3d-io/k3d/releases/download/v5.9.0/k3d-linux-amd64';
const SUMS = '/github.com/k3d-io/k3d/releases/download/v5.9.0/checksums.txt';
/** In the catalog. */
const kubectl: Artifact = { name: 'kubectl', version: '1.35.8', platform: amd64 };
const KUBECTL = '/dl.k8s.io/release/v1.35.8/bin/linux/amd64/kubectl';
const program = Buffer.alloc(300_000, 'a program that is long enough to break off in its middle\n');

let folder: string;
let server: FileServer;
let events: Event[];
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-artifacts-'));
  server = await fileServer();
  events = [];
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const contentOf = (path: string): string => sha256(readFileSync(path));
const lockPath = () => join(folder, 'cpaas.lock');

function open(more: Partial<StoreOptions> = {}, env: NodeJS.ProcessEnv = {}) {
  const { signal } = new AbortController();
  const client = openClient({ env, signal, patience: 5000 });
  closing.push(client.close);
  return openStore({
    cache: new Cache(join(folder, 'cache')),
    client,
    signal,
    emit: (event) => events.push(event),
    mirror: server.url,
    lock: new LockFile(lockPath()),
    records: true,
    pause: async () => {},
    ...more,
  });
}

const publishK3d = (content: Buffer = program, sum = sha256(program)) => {
  server.files.set(K3D, content);
  server.files.set(SUMS, Buffer.from(`${sha256('other')}  _dist/k3d-darwin-arm64\n${sum}  _dist/k3d-linux-amd64\n`));
};

const cached = (): readonly string[] =>
  existsSync(join(folder, 'cache', 'sha256')) ? readdirSync(join(folder, 'cache', 'sha256')) : [];
const partials = (): readonly string[] => readdirSync(join(folder, 'cache', 'partial'));

describe('what is asked for', () => {
  test('comes from the mirror under the publisher’s host and path, once for all who ask', async () => {
    publishK3d();
    const store = open();
    const [one, two] = await Promise.all([store.file(k3d), store.file({ ...k3d, version: '5.9.0', program: 'k3d' })]);
    expect(contentOf(one.path)).toBe(sha256(program));
    expect(two).toBe(one);
    expect(one).toMatchObject({ size: program.length, sha256: sha256(program) });
    expect(server.requests).toEqual([`GET ${SUMS}`, `GET ${K3D}`]);
    expect(await store.identify(one.sha256)).toEqual({ name: 'k3d', version: '5.9.0', platform: amd64 });
  });

  test('is in the cache for another run, whose folders and files are the user’s alone', async () => {
    publishK3d();
    const { path } = await open().file(k3d);
    server.requests.length = 0;
    await open().file(k3d);
    expect(server.requests).toEqual([]);
    expect([path, lockPath()].map((each) => (statSync(each).mode & 0o777).toString(8))).toEqual(['600', '644']);
    expect((statSync(join(folder, 'cache', 'sha256')).mode & 0o777).toString(8)).toBe('700');
    expect(partials()).toEqual([]);
  });

  test('tells how far it is, and what came', async () => {
    publishK3d();
    await open().file(k3d);
    expect(events.at(-1)).toMatchObject({
      type: 'artifact.fetched',
      artifact: 'k3d 5.9.0 for linux/amd64',
      url: `${server.url}${K3D}`,
      size: program.length,
    });
    expect(events.filter(({ type }) => type === 'artifact.progress').length).toBeLessThanOrEqual(20);
  });

  test('a file of the cache that somebody has changed is fetched anew', async () => {
    publishK3d();
    const { path } = await open().file(k3d);
    writeFileSync(path, 'something else');
    expect(contentOf((await open().file(k3d)).path)).toBe(sha256(program));
  });

  test('what nobody publishes is refused before anything is asked', async () => {
    const store = open();
    for (const wrong of [
      { ...k3d, name: 'k4d' },
      { ...k3d, platform: 'darwin/arm64' as const },
      { ...k3d, program: 'kubectl' },
      { ...k3d, version: '../../5.9.0' },
    ])
      await expect(store.digest(wrong)).rejects.toMatchObject({ code: 'ARTIFACT.UNKNOWN' });
    expect(server.requests).toEqual([]);
  });
});

describe('digests', () => {
  test('what the catalog pins is asked of nobody and stands in no lock file', async () => {
    expect(await open().digest(kubectl)).toMatch(/^[0-9a-f]{64}$/);
    expect(server.requests).toEqual([]);
    expect(existsSync(lockPath())).toBe(false);
  });

  test('a published one is recorded at first use, in an order of its own, and believed ever after', async () => {
    publishK3d();
    server.files.set('/dl.k8s.io/release/v1.99.0/bin/linux/amd64/kubectl.sha256', Buffer.from(`${sha256('k')}\n`));
    const store = open();
    await store.digest(k3d);
    await store.digest({ ...kubectl, version: '1.99.0' });
    const lines = readFileSync(lockPath(), 'utf8')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    expect(lines).toEqual([`k3d 5.9.0 linux/amd64 ${sha256(program)}`, `kubectl 1.99.0 linux/amd64 ${sha256('k')}`]);

    const other = Buffer.from('another k3d under the same name');
    publishK3d(other, sha256(other));
    await expect(open({ cache: new Cache(join(folder, 'empty')) }).file(k3d)).rejects.toMatchObject({
      code: 'ARTIFACT.DIGEST',
      evidence: [
        { label: 'from', text: `${server.url}${K3D}` },
        { label: 'wanted', text: `${sha256(program)} (recorded in cpaas.lock)` },
        { label: 'found', text: sha256(other) },
      ],
    });
  });

  test('what only looks records nothing', async () => {
    publishK3d();
    await open({ records: false }).digest(k3d);
    expect(existsSync(lockPath())).toBe(false);
  });

  test('where nothing is published, what comes first counts, and is said', async () => {
    server.files.set(K3D, program);
    expect(await open().digest(k3d)).toBe(sha256(program));
    expect(events.map((event) => (event.type === 'warning' ? event.text : ''))).toContain(
      `k3d 5.9.0 for linux/amd64 has no published digest: what came is taken for it, sha256 ${sha256(program)}`,
    );
    expect(readFileSync(lockPath(), 'utf8')).toContain(sha256(program));
  });

  test('a list that does not name the file is no digest of it', async () => {
    server.files.set(SUMS, Buffer.from(`${sha256('a')}  k3d-windows-amd64.exe\n`));
    await expect(open().digest(k3d)).rejects.toMatchObject({ code: 'ARTIFACT.CHECKSUM' });
  });

  test('lines of the lock file that say nothing, or other than the catalog, are refused', async () => {
    writeFileSync(lockPath(), '# fine\n\nk3d 5.9.0 linux/amd64 12345\n');
    expect(() => open()).toThrow(
      expect.objectContaining({ code: 'ARTIFACT.LOCK', message: `${lockPath()}:3 is no line of a lock file` }),
    );
    writeFileSync(lockPath(), `kubectl 1.35.8 linux/amd64 ${sha256('x')}\n`);
    await expect(open().digest(kubectl)).rejects.toMatchObject({ code: 'ARTIFACT.LOCK' });
  });
});

describe('a wrong digest', () => {
  test('shows both, is nowhere in the cache, and costs one more try only where the file was put together', async () => {
    server.files.set(KUBECTL, program);
    const store = open();
    await expect(store.file(kubectl)).rejects.toMatchObject({
      code: 'ARTIFACT.DIGEST',
      evidence: [
        { label: 'from', text: `${server.url}${KUBECTL}` },
        { label: 'wanted', text: `${await store.digest(kubectl)} (pinned in the catalog)` },
        { label: 'found', text: sha256(program) },
      ],
    });
    expect([...cached(), ...partials()]).toEqual([]);
    expect(server.requests).toEqual([`GET ${KUBECTL}`]);
  });

  test('whose beginning came from another file is put right by itself', async () => {
    publishK3d();
    server.etags = false;
    server.manners.push((_request, _response, serve) => serve(), cutAfter(1000), status(404));
    await expect(open().file(k3d)).rejects.toMatchObject({ code: 'ARTIFACT.MISSING' });
    const [partial = ''] = partials();
    writeFileSync(join(folder, 'cache', 'partial', partial), 'x'.repeat(1000));
    expect(contentOf((await open().file(k3d)).path)).toBe(sha256(program));
    expect(server.requests.slice(-2)).toEqual([`GET ${K3D} bytes=1000-`, `GET ${K3D}`]);
  });
});

describe('a download that breaks off', () => {
  beforeEach(() => publishK3d());
  const behaved = (_request: unknown, _response: unknown, serve: () => void) => serve();

  test('goes on where it was', async () => {
    server.manners.push(behaved, cutAfter(180_000), cutAfter(60_000));
    expect(contentOf((await open().file(k3d)).path)).toBe(sha256(program));
    expect(server.requests.slice(1)).toEqual([
      `GET ${K3D}`,
      expect.stringMatching(/bytes=\d+-$/),
      expect.stringMatching(/bytes=\d+-$/),
    ]);
  });

  test('begins anew where the server has another file by now, or knows no ranges', async () => {
    server.manners.push(behaved, cutAfter(180_000), (_request, _response, serve) => {
      server.files.set(K3D, program);
      server.ranges = false;
      serve();
    });
    expect(contentOf((await open().file(k3d)).path)).toBe(sha256(program));
  });

  test('at 60 % each time is told with how far it came, and goes on from there in the next run', async () => {
    const dead = cutAfter(0);
    server.manners.push(behaved, cutAfter(180_000), dead, dead, dead, dead);
    const failure = await open()
      .file(k3d)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'ARTIFACT.CUT',
      next: [{ label: 'goes on from there', command: 'cpaas up' }, expect.anything(), expect.anything()],
    });
    expect(cached()).toEqual([]);
    server.requests.length = 0;
    expect(contentOf((await open().file(k3d)).path)).toBe(sha256(program));
    expect(server.requests).toEqual([expect.stringMatching(/ bytes=\d+-$/)]);
    const kept = firstByteOf(server.requests[0]);
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(180_000);
    expect(failure).toMatchObject({
      message: `k3d 5.9.0 for linux/amd64 breaks off at ${Math.floor((kept / program.length) * 100)} %`,
    });
  });

  test('of a process that was killed is taken over', async () => {
    const { path } = await new Cache(join(folder, 'cache')).partial(`${server.url}${K3D} ${sha256(program)}`);
    writeFileSync(path, program.subarray(0, 100_000));
    // as a process would have called it that is no more
    const dead = path.replace(/\.\d+-/, `.${2 ** 22 + 1}-`);
    writeFileSync(dead, program.subarray(0, 100_000));
    rmSync(path);
    expect(contentOf((await open().file(k3d)).path)).toBe(sha256(program));
    expect(server.requests.at(-1)).toBe(`GET ${K3D} bytes=100000-`);
    expect(partials()).toEqual([]);
  });
});

describe('servers', () => {
  test('that have no such file are not asked twice', async () => {
    await expect(open().file(kubectl)).rejects.toMatchObject({
      code: 'ARTIFACT.MISSING',
      message: '127.0.0.1:'.concat(new URL(server.url).port, ' has no kubectl 1.35.8 for linux/amd64'),
    });
    expect(server.requests).toHaveLength(1);
  });

  test('that fail are asked again, as late as they wish', async () => {
    publishK3d();
    const pauses: number[] = [];
    server.manners.push(status(503, { 'retry-after': '7' }), status(500), status(429));
    await open({ pause: async (ms) => void pauses.push(ms) }).file(k3d);
    expect(pauses).toEqual([7000, 2000, 4000]);
  });

  test('that fail each time are told with what they answered', async () => {
    publishK3d();
    server.manners.push(...Array.from({ length: 4 }, () => status(502)));
    await expect(open().digest(k3d)).rejects.toMatchObject({
      code: 'ARTIFACT.SERVER',
      evidence: [expect.anything(), { label: 'answer', text: '502' }],
    });
  });

  test('that are gone are named, a mirror as such', async () => {
    await server.close();
    await expect(open().file(kubectl)).rejects.toMatchObject({
      code: 'ARTIFACT.UNREACHABLE',
      evidence: [
        { label: 'url', text: `${server.url}${KUBECTL}` },
        { label: 'seen', text: expect.stringMatching(/ECONNREFUSED/) },
      ],
      next: [
        { label: expect.stringMatching(/^see that the mirror answers: spec.artifacts.mirror/) },
        { label: expect.stringMatching(/bundle/), command: 'cpaas bundle create' },
      ],
    });
    server = await fileServer();
  });
});

describe('archives', () => {
  const helm: Artifact = { name: 'helm', version: '4.1.0', platform: amd64, program: 'helm' };
  const HELM = '/get.helm.sh/helm-v4.1.0-linux-amd64.tar.gz';

  async function publish(files: Readonly<Record<string, string>>): Promise<void> {
    const tar = pack();
    for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
    tar.finalize();
    const chunks: Uint8Array[] = [];
    for await (const chunk of tar) chunks.push(chunk as Uint8Array);
    const archive = gzipSync(Buffer.concat(chunks));
    server.files.set(HELM, archive);
    server.files.set(`${HELM}.sha256sum`, Buffer.from(`${sha256(archive)}  helm-v4.1.0-linux-amd64.tar.gz\n`));
  }

  test('a program in one is taken out, and its digest recorded with the archive’s', async () => {
    await publish({ 'linux-amd64/README.md': 'read me', './linux-amd64/helm': 'the program' });
    const store = open();
    expect(await store.text(helm)).toBe('the program');
    const lines = readFileSync(lockPath(), 'utf8')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    expect(lines).toEqual([
      `helm 4.1.0 linux/amd64 ${sha256(server.files.get(HELM) ?? '')}`,
      `helm:helm 4.1.0 linux/amd64 ${sha256('the program')}`,
    ]);
    server.requests.length = 0;
    expect(await open({ cache: new Cache(join(folder, 'empty')) }).digest(helm)).toBe(sha256('the program'));
    expect(server.requests).toEqual([]);
  });

  test('without the program, or that are none, are told so', async () => {
    await publish({ 'linux-amd64/LICENSE': 'text' });
    await expect(open().file(helm)).rejects.toMatchObject({
      code: 'ARTIFACT.ARCHIVE',
      message: expect.stringMatching(/there is no linux-amd64\/helm in it$/),
    });
    rmSync(lockPath());
    server.files.set(HELM, program);
    server.files.set(`${HELM}.sha256sum`, Buffer.from(sha256(program)));
    await expect(open({ cache: new Cache(join(folder, 'other')) }).file(helm)).rejects.toMatchObject({
      code: 'ARTIFACT.ARCHIVE',
    });
  });
});

describe('the cache', () => {
  test('a folder that cannot be one is told', async () => {
    writeFileSync(join(folder, 'cache'), 'a file');
    await expect(open().file(kubectl)).rejects.toMatchObject({ code: 'ARTIFACT.CACHE' });
  });
});

describe('a full disk', () => {
  test('is told as such, and not kept full', async () => {
    const { signal } = new AbortController();
    const client = openClient({ env: {}, signal });
    closing.push(client.close);
    server.files.set('/file', program);
    const path = join(folder, 'full');
    // a device that takes nothing, and says so as a full disk does
    symlinkSync('/dev/full', path);
    const wanted = { name: 'kubectl', url: `${server.url}/file`, mirrored: false };
    await expect(download(wanted, path, { client, signal, onProgress: () => {} })).rejects.toMatchObject({
      code: 'ARTIFACT.DISK',
      message: `the disk is full: ${path} cannot be written`,
      next: [{ label: expect.stringMatching(/XDG_CACHE_HOME/) }],
    });
  });
});
