import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Extract } from 'tar-stream';
import { CpaasError } from '../core/errors.ts';
import { type BundleList, entryNameOf, LIST, notABundle, parseList } from './bundle-list.ts';
import type { Cache } from './cache.ts';
import { keeping } from './failures.ts';

/** A file in a tar, to be read before the next one comes. */
type Entry = Extract extends AsyncIterable<infer Source> ? Source : never;

/** Bytes. A list of a thousand artifacts takes 200 KiB. */
const LONGEST_LIST = 4 * 1024 * 1024;

/**
 * Reads a bundle's list, which is its first entry. Rejects with `ARTIFACT.BUNDLE` what is no bundle.
 */
export async function readList(path: string): Promise<BundleList> {
  for await (const entry of entries(path)) return await whole(path, () => listIn(entry, path));
  throw notABundle(path, 'it is empty');
}

/**
 * Brings everything in a bundle into the cache, each file checked against the list. Rejects with `ARTIFACT.BUNDLE` where a file is cut
 * off, missing, other than listed, or not listed at all; what came before it is right, and stays.
 */
export async function unpackBundle(path: string, cache: Cache): Promise<BundleList> {
  let list: BundleList | undefined;
  const left = new Map<string, number>();
  for await (const entry of entries(path)) {
    if (!list) {
      list = await whole(path, () => listIn(entry, path));
      for (const { sha256, size } of list.files) left.set(sha256, size);
      continue;
    }
    const { name, type, size } = entry.header;
    const sha256 = list.files.find((file) => entryNameOf(file.sha256) === name)?.sha256;
    if (sha256 === undefined || type !== 'file' || left.get(sha256) !== size)
      throw notABundle(path, `${JSON.stringify(name.slice(0, 80))} is not one of the files that its list names`);
    left.delete(sha256);
    await whole(path, () => take(entry, sha256, path, cache));
  }
  if (!list) throw notABundle(path, 'it is empty');
  if (left.size > 0)
    throw notABundle(path, `${left.size} of its ${list.files.length} files are missing: it was cut off`);
  return list;
}

/** Reads an entry. Whatever ends it early has ended the whole file. */
async function whole<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof CpaasError) throw cause;
    throw notABundle(path, 'it was cut off', cause);
  }
}

async function take(entry: Entry, sha256: string, path: string, cache: Cache): Promise<void> {
  const partial = await cache.partial(`${path} ${sha256} ${process.pid}`);
  const hash = createHash('sha256');
  try {
    await keeping(partial.path, () =>
      pipeline(
        entry,
        async function* (chunks: AsyncIterable<unknown>) {
          for await (const chunk of chunks) {
            hash.update(chunk as Uint8Array);
            yield chunk;
          }
        },
        createWriteStream(partial.path, { mode: 0o600 }),
      ),
    );
    const found = hash.digest('hex');
    if (found !== sha256) throw notABundle(path, `${entryNameOf(sha256)} is another file: its sha256 is ${found}`);
    await cache.put(partial.path, sha256);
  } finally {
    await partial.discard();
  }
}

async function listIn(entry: Entry, path: string): Promise<BundleList> {
  const { name, type, size = 0 } = entry.header;
  if (name !== LIST || type !== 'file' || size > LONGEST_LIST)
    throw notABundle(path, 'it does not begin with its list');
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) chunks.push(chunk as Uint8Array);
  return parseList(Buffer.concat(chunks).toString(), path);
}

/** The entries one after another; the next one when the one before was read. */
async function* entries(path: string): AsyncIterable<Entry> {
  // loaded where it is used: every command would pay for it otherwise
  const { extract } = await import('tar-stream');
  const tar = extract();
  const reading = pipeline(createReadStream(path), tar);
  // Told below; until then nobody listens.
  reading.catch(() => {});
  try {
    for await (const entry of tar) yield entry;
    await reading;
  } catch (cause) {
    if (cause instanceof CpaasError) throw cause;
    throw notABundle(path, (cause as Error).message, cause);
  }
}
