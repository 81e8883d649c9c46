import { readFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Artifact, ArtifactFile } from '../core/artifacts.ts';
import { CpaasError } from '../core/errors.ts';
import type { Listener } from '../core/events.ts';
import { type Cache, digestOf } from './cache.ts';
import { nameOf, type Source } from './catalog.ts';
import { digestIn } from './checksums.ts';
import type { Client } from './client.ts';
import { download } from './download.ts';
import { type Wanted, wrongDigest } from './failures.ts';
import { onMirror } from './mirror.ts';

export interface FetchOptions {
  readonly cache: Cache;
  readonly client: Client;
  readonly signal: AbortSignal;
  readonly emit: Listener;
  /** `spec.artifacts.mirror`. */
  readonly mirror?: string;
  /** Waits before another try; `download`'s own when left out. */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

/** A digest, and who says that it is the right one. */
export interface Known {
  readonly sha256: string;
  readonly by: string;
}

/** Brings files from the mirror or their publishers into the cache. */
export class Fetcher {
  readonly #options: FetchOptions;

  constructor(options: FetchOptions) {
    this.#options = options;
  }

  /** The digest that the publisher gives out beside the file; nothing where it gives none. */
  async published(artifact: Artifact, source: Source): Promise<string | undefined> {
    if (source.checksum === undefined) return undefined;
    const wanted = this.#wanted(`the digest of ${nameOf(artifact)}`, source.checksum);
    const partial = await this.#options.cache.partial(`${wanted.url} ${process.pid}`);
    try {
      await download(wanted, partial.path, { ...this.#options, onProgress: () => {} });
      const text = await readFile(partial.path, 'utf8');
      const fileName = decodeURIComponent(basename(new URL(source.url).pathname));
      const found = digestIn(text, fileName);
      if (found !== undefined) return found;
      throw new CpaasError('ARTIFACT.CHECKSUM', `no digest of ${fileName} in what was published for it`, {
        evidence: [
          { label: 'url', text: wanted.url },
          { label: 'begins', text: text.slice(0, 100) },
        ],
        next: [{ label: 'record it by hand: a line for it in cpaas.lock, beside the cluster file' }],
      });
    } catch (error) {
      // older releases may have none
      if (error instanceof CpaasError && error.code === 'ARTIFACT.MISSING') return undefined;
      throw error;
    } finally {
      await partial.discard();
    }
  }

  /** Fetches what must have a digest, or whatever comes where none is known. */
  async fetch(artifact: Artifact, source: Source, known?: Known): Promise<ArtifactFile> {
    const { cache, emit } = this.#options;
    const wanted = this.#wanted(nameOf(artifact), source.url);
    const start = performance.now();
    const partial = await cache.partial(`${wanted.url} ${known?.sha256 ?? ''}`);
    const tell = telling(wanted.name, emit);
    try {
      let found = await this.#load(wanted, partial.path, tell);
      // the beginning may be of another file than the end: only what came in one piece is judged
      if (known && found.sha256 !== known.sha256 && found.resumed) {
        await rm(partial.path, { force: true });
        found = await this.#load(wanted, partial.path, tell);
      }
      if (known && found.sha256 !== known.sha256) {
        await partial.discard();
        throw wrongDigest(wanted.name, wanted.url, { wanted: known.sha256, found: found.sha256, by: known.by });
      }
      const file = await cache.put(partial.path, found.sha256);
      await partial.discard();
      const seconds = (performance.now() - start) / 1000;
      emit({ type: 'artifact.fetched', artifact: wanted.name, url: wanted.url, size: file.size, seconds });
      return file;
    } catch (error) {
      await partial.leave();
      throw error;
    }
  }

  async #load(wanted: Wanted, path: string, onProgress: ReturnType<typeof telling>) {
    const resumed = await download(wanted, path, { ...this.#options, onProgress });
    return { sha256: await digestOf(path), resumed };
  }

  #wanted(name: string, url: string): Wanted {
    const { mirror } = this.#options;
    return { name, url: onMirror(url, mirror), mirrored: mirror !== undefined };
  }
}

/** Tells of a download at each twentieth of it; of one whose size nobody knows, at each 8 MiB. */
function telling(artifact: string, emit: Listener) {
  let told = 0;
  return ({ received, total }: { readonly received: number; readonly total: number | undefined }): void => {
    if (received < told) told = 0;
    if (received - told < (total === undefined ? 8 * 1024 * 1024 : total / 20)) return;
    told = received;
    emit({ type: 'artifact.progress', artifact, received, ...(total === undefined ? {} : { total }) });
  };
}
