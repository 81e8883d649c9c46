import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeBundle } from '../../src/artifacts/bundle-write.ts';
import { loadBundle } from '../../src/artifacts/bundled.ts';
import { Cache, digestOf, fileAt } from '../../src/artifacts/cache.ts';
import { LockFile } from '../../src/artifacts/lock-file.ts';
import { openStore } from '../../src/artifacts/store.ts';
import { sha256 } from '../helpers/fake-artifacts.ts';

const k3d = { name: 'k3d', version: '5.9.0', platform: 'linux/amd64' } as const;
const helm = { name: 'helm', version: '4.1.0', platform: 'linux/amd64' } as const;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (name: string): string => join(folder, name);
const written = (content: string): string => {
  writeFileSync(path('x'), content);
  return path('x');
};
const file = async (name: string, content: string) => {
  writeFileSync(path(name), content);
  return { ...(await fileAt(path(name), sha256(content))), name };
};

/** A bundle with a program and an image archive. */
async function bundle(name = 'b.tar'): Promise<string> {
  const program = await file('k3d', 'the program '.repeat(1000));
  const images = await file('calico.tar', 'images '.repeat(1000));
  await writeBundle(path(name), {
    cluster: 'site1',
    artifacts: [{ ...k3d, sha256: program.sha256 }],
    images: [images],
    files: [program],
  });
  return path(name);
}

/** Nobody is to be asked for anything. */
const nobody = {
  get: () => Promise.reject(new Error('a bundle needs no network')),
  close: async () => {},
};
const store = (from: string | undefined, cache = path('cache'), lock = path('cpaas.lock')) =>
  openStore({
    cache: new Cache(cache),
    client: nobody,
    signal: new AbortController().signal,
    emit: () => {},
    lock: new LockFile(lock),
    records: true,
    cluster: 'site1',
    ...(from === undefined ? {} : { bundle: from }),
  });

describe('a bundle', () => {
  test('has the same bytes whenever it is made', async () => {
    const one = await digestOf(await bundle('one.tar'));
    const two = await digestOf(await bundle('two.tar'));
    expect(two).toBe(one);
    expect(readdirSync(folder).sort()).toEqual(['calico.tar', 'k3d', 'one.tar', 'two.tar']);
  });

  test('tells the images that are in its archives, which are opened once', async () => {
    const archive = path('images.tar');
    const tar = pack();
    const entry = (name: string, content: string) => tar.entry({ name }, content);
    entry('layer/layer.tar', 'x'.repeat(5000));
    const tags = [
      'a.example/one:1',
      'localhost/a/b',
      'calico/node:v3',
      'busybox:1',
      'docker.io/busybox',
      'r:5000/x@sha256:0',
    ];
    entry('manifest.json', JSON.stringify([{ RepoTags: tags }, { RepoTags: null }]));
    tar.finalize();
    await pipeline(tar, createWriteStream(archive));
    const images = [{ ...(await fileAt(archive, await digestOf(archive))), name: 'images.tar' }];
    await writeBundle(path('i.tar'), { cluster: 'site1', artifacts: [], images, files: [] });
    const names = await store(path('i.tar')).imageNames();
    // as containerd has them, of which Docker leaves out a part
    expect([...names.keys()]).toEqual([
      'a.example/one:1',
      'localhost/a/b:latest',
      'docker.io/calico/node:v3',
      'docker.io/library/busybox:1',
      'docker.io/library/busybox:latest',
      'r:5000/x@sha256:0',
    ]);
    expect([...new Set(names.values())]).toEqual([images[0]?.sha256]);
    // from here on the archive itself is not read: what stands in its place is not looked at
    writeFileSync(join(path('cache'), 'sha256', images[0]?.sha256 ?? ''), 'no tar');
    expect(await store(undefined).imageNames()).toEqual(names);
    await expect(store(await bundle()).imageNames()).rejects.toMatchObject({ code: 'ARTIFACT.ARCHIVE' });
  });

  test('gives out what is in it without any network, images too, and its digests are recorded', async () => {
    const artifacts = store(await bundle());
    expect(await artifacts.text(k3d)).toBe('the program '.repeat(1000));
    expect((await artifacts.images()).map(({ name, size }) => [name, size])).toEqual([['calico.tar', 7000]]);
    expect(readFileSync(path('cpaas.lock'), 'utf8')).toContain(
      `k3d 5.9.0 linux/amd64 ${sha256('the program '.repeat(1000))}`,
    );
  });

  test('that was loaded once is not needed again', async () => {
    await loadBundle(await bundle(), new Cache(path('cache')));
    rmSync(path('b.tar'));
    const artifacts = store(undefined);
    expect((await artifacts.file(k3d)).sha256).toBe(sha256('the program '.repeat(1000)));
    expect(await artifacts.images()).toHaveLength(1);
  });

  test('is all there is: what it lacks is named, and nobody is asked for it', async () => {
    const artifacts = store(await bundle());
    for (const other of [helm, { ...helm, version: '3.18.4', program: 'helm' }])
      await expect(artifacts.file(other)).rejects.toMatchObject({
        code: 'ARTIFACT.OFFLINE',
        evidence: [{ label: 'bundle', text: path('b.tar') }],
      });
  });

  test('that has another digest than the lock file is refused', async () => {
    writeFileSync(path('cpaas.lock'), `k3d 5.9.0 linux/amd64 ${sha256('another')}\n`);
    await expect(store(await bundle()).digest(k3d)).rejects.toMatchObject({
      code: 'ARTIFACT.DIGEST',
      evidence: [
        { label: 'from', text: path('b.tar') },
        { label: 'wanted', text: `${sha256('another')} (recorded in cpaas.lock)` },
        { label: 'found', text: sha256('the program '.repeat(1000)) },
      ],
    });
  });

  test('that is cut off anywhere is refused, and leaves no half file', async () => {
    const whole = readFileSync(await bundle());
    for (const length of [0, 300, 2000, 9000, Math.ceil(whole.length / 2), 1536 + 12_288]) {
      writeFileSync(path('cut.tar'), whole.subarray(0, length));
      const cache = new Cache(path(`cache-${length}`));
      await expect(loadBundle(path('cut.tar'), cache), `cut at ${length}`).rejects.toMatchObject({
        code: 'ARTIFACT.BUNDLE',
      });
      const kept = existsSync(join(cache.root, 'sha256')) ? readdirSync(join(cache.root, 'sha256')) : [];
      for (const digest of kept) expect(await digestOf(cache.path(digest))).toBe(digest);
      expect(existsSync(join(cache.root, 'known'))).toBe(false);
    }
  });

  test('that cannot be written leaves nothing', async () => {
    const program = await file('k3d', 'x');
    const content = { cluster: 'site1', artifacts: [{ ...k3d, sha256: program.sha256 }], images: [], files: [program] };
    await expect(writeBundle(path('no/such/b.tar'), content)).rejects.toMatchObject({ code: 'ARTIFACT.WRITE' });
    rmSync(path('k3d'));
    await expect(writeBundle(path('b.tar'), content)).rejects.toMatchObject({ code: 'ARTIFACT.WRITE' });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a file that is no bundle', () => {
  /** A tar as somebody with bad intentions makes it. */
  async function forged(
    list: unknown,
    entries: readonly (readonly [Partial<Header> & { name: string }, string])[],
  ): Promise<string> {
    const tar = pack();
    tar.entry({ name: 'bundle.json' }, JSON.stringify(list));
    for (const [headers, content] of entries) tar.entry(headers, content);
    tar.finalize();
    const chunks: Uint8Array[] = [];
    for await (const chunk of tar) chunks.push(chunk as Uint8Array);
    writeFileSync(path('forged.tar'), Buffer.concat(chunks));
    return path('forged.tar');
  }
  const digest = createHash('sha256').update('good').digest('hex');
  const list = {
    apiVersion: 'cpaas.dev/v1alpha1',
    kind: 'Bundle',
    cluster: 'site1',
    artifacts: [{ ...k3d, sha256: digest }],
    images: [],
    files: [{ sha256: digest, size: 4 }],
  };
  const good = [{ name: `sha256/${digest}` }, 'good'] as const;

  test.each([
    ['is missing', () => path('none.tar'), /ENOENT/],
    ['is something else', () => written('x'.repeat(2048)), /Invalid tar header/],
    ['begins with another file', () => written(''), /it is empty/],
    ['has a list of another kind', () => forged({ ...list, kind: 'Cluster' }, [good]), /list cannot be understood/],
    ['lists what is not in it', () => forged({ ...list, files: [] }, []), /k3d 5.9.0 for linux\/amd64 is not in it/],
    [
      'climbs out',
      () => forged(list, [[{ name: '../../etc/cron.d/evil' }, 'good'], good]),
      /"..\/..\/etc\/cron.d\/evil" is not one/,
    ],
    [
      'has an absolute path',
      () => forged(list, [[{ name: '/etc/cron.d/evil' }, 'good'], good]),
      /is not one of the files/,
    ],
    [
      'has a link',
      () => forged(list, [[{ name: good[0].name, type: 'symlink', linkname: '/etc/passwd' }, '']]),
      /is not one of the files/,
    ],
    ['has a file twice', () => forged(list, [good, good]), /is not one of the files/],
    ['has another size', () => forged(list, [[good[0], 'goods']]), /is not one of the files/],
    ['has another content', () => forged(list, [[good[0], 'evil']]), /is another file: its sha256 is/],
    ['ends early', () => forged(list, []), /1 of its 1 files are missing: it was cut off/],
    [
      'says another digest than the catalog',
      () =>
        forged(
          { ...list, artifacts: [{ name: 'kubectl', version: '1.35.8', platform: 'linux/amd64', sha256: digest }] },
          [good],
        ),
      /its kubectl 1.35.8 for linux\/amd64 is not the one that the catalog pins/,
    ],
  ])('%s', async (_, make, why) => {
    await expect(loadBundle(await make(), new Cache(path('cache')))).rejects.toMatchObject({
      code: 'ARTIFACT.BUNDLE',
      message: expect.stringMatching(why),
    });
    expect(existsSync(path('cache/known'))).toBe(false);
  });
});
