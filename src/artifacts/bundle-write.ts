import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';
import type { ArtifactFile } from '../core/artifacts.ts';
import { API_VERSION } from '../core/documents.ts';
import { CpaasError } from '../core/errors.ts';
import { type BundledArtifact, type BundleList, entryNameOf, LIST } from './bundle-list.ts';
import { keyOf } from './catalog.ts';

export interface BundleContent {
  readonly cluster: string;
  readonly artifacts: readonly BundledArtifact[];
  readonly images: readonly (ArtifactFile & { readonly name: string })[];
  /** Every file that the artifacts stand in; one that is named twice is packed once. */
  readonly files: readonly ArtifactFile[];
}

/**
 * Writes a bundle, whole or not at all. The same content gives the same bytes: entries are in the order of their digests, and have
 * neither owner nor time.
 */
export async function writeBundle(
  path: string,
  { cluster, artifacts, images, files }: BundleContent,
): Promise<BundleList> {
  const all = new Map([...files, ...images].map((file) => [file.sha256, file]));
  const sorted = [...all.values()].sort((one, other) => (one.sha256 < other.sha256 ? -1 : 1));
  const list: BundleList = {
    apiVersion: API_VERSION,
    kind: 'Bundle',
    cluster,
    artifacts: [...artifacts].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)),
    images: images.map(({ name, sha256 }) => ({ name, sha256 })).sort((one, other) => (one.name < other.name ? -1 : 1)),
    files: sorted.map(({ sha256, size }) => ({ sha256, size })),
  };
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  // loaded where it is used: every command would pay for it otherwise
  const { pack } = await import('tar-stream');
  const tar = pack();
  try {
    await Promise.all([pipeline(tar, createWriteStream(temporary)), fill(tar, list, sorted)]);
    const file = await open(temporary, 'r');
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    if (cause instanceof CpaasError) throw cause;
    throw new CpaasError('ARTIFACT.WRITE', `the bundle cannot be written to ${path}`, {
      cause,
      evidence: [{ label: 'seen', text: (cause as Error).message }],
      next: [{ label: 'see the folder, its owner and the space left there' }],
    });
  }
  return list;
}

async function fill(tar: Pack, list: BundleList, files: readonly ArtifactFile[]): Promise<void> {
  const plain = { mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) };
  try {
    await new Promise<void>((resolve, reject) => {
      tar.entry({ ...plain, name: LIST }, `${JSON.stringify(list, null, 1)}\n`, (error) =>
        error ? reject(error) : resolve(),
      );
    });
    for (const file of files) {
      const entry = tar.entry({ ...plain, name: entryNameOf(file.sha256), size: file.size });
      await pipeline(file.open(), entry);
    }
    tar.finalize();
  } catch (error) {
    tar.destroy(error as Error);
    throw error;
  }
}
