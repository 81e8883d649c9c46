import { z } from 'zod';
import type { Artifact, ImageArchive } from '../core/artifacts.ts';
import { CpaasError } from '../core/errors.ts';
import { namesInArchive } from './archive.ts';
import type { BundleList } from './bundle-list.ts';
import { readList, unpackBundle } from './bundle-read.ts';
import type { Cache } from './cache.ts';
import { keyOf, nameOf, Sha256, wordsOf } from './catalog.ts';
import { wrongDigest } from './failures.ts';
import type { LockFile } from './lock-file.ts';

const Images = z.array(z.strictObject({ name: z.string(), sha256: Sha256 }));

/**
 * Brings a bundle into the cache, unless all of it is there already, and remembers what it says. Rejects with `ARTIFACT.BUNDLE`, or with
 * `ARTIFACT.DIGEST` where the lock file says otherwise.
 */
export async function loadBundle(path: string, cache: Cache, lock?: LockFile): Promise<BundleList> {
  const listed = await readList(path);
  for (const artifact of listed.artifacts) {
    const locked = lock?.get(artifact);
    if (locked !== undefined && locked !== artifact.sha256)
      throw wrongDigest(nameOf(artifact), path, {
        wanted: locked,
        found: artifact.sha256,
        by: 'recorded in cpaas.lock',
      });
  }
  const list = listed.files.every(({ sha256 }) => cache.has(sha256)) ? listed : await unpackBundle(path, cache);
  const archives = new Map(list.artifacts.map((artifact) => [keyOf(artifact), artifact.sha256]));
  for (const artifact of list.artifacts) {
    const { name, version, platform, program, sha256 } = artifact;
    await cache.remember(keyOf(artifact), 'digests', sha256);
    if (program === undefined) await cache.remember(sha256, 'artifacts', ...wordsOf(artifact));
    else {
      const archive = archives.get(keyOf({ name, version, platform }));
      if (archive !== undefined) await cache.remember(sha256, 'programs', archive, program);
    }
  }
  await cache.remember(JSON.stringify(list.images), 'images', list.cluster);
  return list;
}

/** The names of the images in them, each with the digest of its archive. An archive is opened once, then its names are known for ever. */
export async function imageNamesFor(cluster: string, cache: Cache): Promise<ReadonlyMap<string, string>> {
  const archives = (await archivesFor(cluster, cache)).filter(({ sha256 }) => cache.has(sha256));
  const named = archives.map(async ({ name, sha256 }) => {
    const before = Names.safeParse(JSON.parse((await cache.recall('image-names', sha256)) ?? 'null'));
    const names = before.data ?? (await namesInArchive(cache.path(sha256), name));
    if (!before.success) await cache.remember(JSON.stringify(names), 'image-names', sha256);
    return names.map((image) => [image, sha256] as const);
  });
  return new Map((await Promise.all(named)).flat());
}

const Names = z.array(z.string());

async function archivesFor(cluster: string, cache: Cache): Promise<z.infer<typeof Images>> {
  return Images.safeParse(JSON.parse((await cache.recall('images', cluster)) ?? '[]')).data ?? [];
}

/** The image archives that a bundle brought for a cluster, as far as they are still in the cache. */
export async function imagesFor(cluster: string, cache: Cache): Promise<readonly ImageArchive[]> {
  const files = (await archivesFor(cluster, cache)).map(async ({ name, sha256 }): Promise<ImageArchive[]> => {
    const file = await cache.get(sha256);
    return file ? [{ ...file, name }] : [];
  });
  return (await Promise.all(files)).flat();
}

/** With a bundle nothing is downloaded, so what is not in it is not to be had. */
export const notInBundle = (artifact: Artifact, bundle: string): CpaasError =>
  new CpaasError(
    'ARTIFACT.OFFLINE',
    `${nameOf(artifact)} is not in the bundle, and with a bundle nothing is downloaded`,
    {
      evidence: [{ label: 'bundle', text: bundle }],
      next: [
        { label: 'make it anew from this cluster file, where there is a network', command: 'cpaas bundle create' },
        { label: 'or leave the bundle out, so that it is downloaded' },
      ],
    },
  );
