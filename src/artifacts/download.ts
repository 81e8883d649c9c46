import { type FileHandle, open, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, Reply } from './client.ts';
import { cut, keeping, missing, type Received, refused, type Wanted } from './failures.ts';
import { wayFailure } from './way-failures.ts';

export interface DownloadOptions {
  readonly client: Client;
  readonly signal: AbortSignal;
  /** Told after each piece that has arrived. */
  readonly onProgress: (state: Received) => void;
  /** Waits so many milliseconds before the next try. */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

/** Tries in a row that may bring nothing; one that brings a byte starts the count anew. */
const FRUITLESS = 4;
/** Milliseconds: the first pause, doubled each time, and the longest that a server may ask for. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

/**
 * Fetches a file to `path`. What is there already is taken for its beginning, so a download that broke off goes on where it was, also in
 * another process: with `If-Range` where the server gave a validator (kept beside it in `path`.etag), so that a file that has changed
 * meanwhile comes whole. What arrives is not checked here. Rejects with `ARTIFACT.UNREACHABLE`, `PROXY`, `TLS`, `MISSING`, `SERVER`, `CUT`,
 * `DISK` or `CACHE`; what has arrived stays unless the disk is full. Resolves with whether it was put together from more than one reply.
 */
export async function download(wanted: Wanted, path: string, options: DownloadOptions): Promise<boolean> {
  const { signal, pause = (ms: number) => delay(ms, undefined, { signal }) } = options;
  const file = await keeping(path, () => open(path, 'a+', 0o600));
  try {
    const loading = new Loading(wanted, path, file, options);
    for (let fruitless = 0; ; ) {
      const before = await loading.size();
      const failure = await loading.attempt();
      if (failure === undefined) return loading.resumed;
      fruitless = (await loading.size()) > before ? 0 : fruitless + 1;
      if (fruitless >= FRUITLESS) throw failure.error;
      await pause(Math.min(failure.after ?? FIRST_PAUSE * 2 ** fruitless, LONGEST_PAUSE));
    }
  } finally {
    await file.close();
  }
}

interface Failure {
  /** What is thrown when this was the last try. */
  readonly error: Error;
  /** Milliseconds that the server asked to be left alone. */
  readonly after?: number;
}

/** One file on its way. */
class Loading {
  readonly #wanted: Wanted;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #options: DownloadOptions;
  resumed = false;

  constructor(wanted: Wanted, path: string, file: FileHandle, options: DownloadOptions) {
    this.#wanted = wanted;
    this.#path = path;
    this.#file = file;
    this.#options = options;
  }

  size = async (): Promise<number> => (await keeping(this.#path, () => this.#file.stat())).size;

  /** Asks once. Nothing when the file is here whole. */
  async attempt(): Promise<Failure | undefined> {
    const { client, signal } = this.#options;
    const size = await this.size();
    let reply: Reply;
    try {
      reply = await client.get(this.#wanted.url, size > 0 ? await this.#range(size) : {});
    } catch (cause) {
      signal.throwIfAborted();
      const { error, passing } = wayFailure(this.#wanted, cause);
      if (!passing) throw error;
      return { error };
    }
    if (reply.status === 200 || (reply.status === 206 && beginsAt(reply, size))) return this.#take(reply, size);
    await reply.discard();
    // it has no more than we have, or something else than it had: either way the beginning decides
    if (reply.status === 416 && totalOf(reply) === size) {
      this.resumed = true;
      return undefined;
    }
    if (reply.status === 206 || reply.status === 416) {
      await this.#startOver();
      return { error: refused(this.#wanted, reply), after: 0 };
    }
    if (reply.status >= 500 || reply.status === 408 || reply.status === 429)
      return { error: refused(this.#wanted, reply), ...retryAfter(reply) };
    throw reply.status === 407 ? refused(this.#wanted, reply) : missing(this.#wanted, reply);
  }

  async #range(size: number): Promise<Readonly<Record<string, string>>> {
    const validator = await readFile(`${this.#path}.etag`, 'utf8').catch(() => '');
    return { range: `bytes=${size}-`, ...(validator ? { 'if-range': validator } : {}) };
  }

  async #startOver(): Promise<void> {
    await keeping(this.#path, async () => {
      if ((await this.#file.stat()).size > 0) await this.#file.truncate(0);
      await rm(`${this.#path}.etag`, { force: true });
    });
  }

  async #take(reply: Reply, size: number): Promise<Failure | undefined> {
    const { signal, onProgress } = this.#options;
    this.resumed = reply.status !== 200;
    if (reply.status === 200) {
      await this.#startOver();
      const validator = validatorOf(reply);
      if (validator) await keeping(this.#path, () => writeFile(`${this.#path}.etag`, validator, { mode: 0o600 }));
    }
    let received = reply.status === 200 ? 0 : size;
    const total = reply.status === 200 ? lengthOf(reply) : totalOf(reply);
    try {
      for await (const chunk of reply.body) {
        await this.#append(chunk);
        received += chunk.byteLength;
        onProgress({ received, total });
      }
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof Error && 'code' in cause && `${cause.code}`.startsWith('ARTIFACT.')) throw cause;
      return { error: cut(this.#wanted, { received, total }, cause) };
    }
    return total !== undefined && received < total
      ? { error: cut(this.#wanted, { received, total }, undefined) }
      : undefined;
  }

  /** A full disk is not kept full: what has come so far goes. */
  async #append(chunk: Uint8Array): Promise<void> {
    try {
      await keeping(this.#path, () => writeAll(this.#file, chunk));
    } catch (error) {
      await this.#startOver();
      throw error;
    }
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.byteLength; )
    done += (await file.write(chunk, done, chunk.byteLength - done)).bytesWritten;
}

/** A weak validator says that a file means the same, not that its bytes are. */
function validatorOf(reply: Reply): string | undefined {
  const etag = reply.header('etag');
  return etag && !etag.startsWith('W/') ? etag : reply.header('last-modified');
}

const beginsAt = (reply: Reply, size: number): boolean =>
  Number(/^bytes (\d+)-/.exec(reply.header('content-range') ?? '')?.[1]) === size;

const totalOf = (reply: Reply): number | undefined => {
  const total = /\/(\d+)$/.exec(reply.header('content-range') ?? '')?.[1];
  return total === undefined ? undefined : Number(total);
};

const lengthOf = (reply: Reply): number | undefined => {
  const length = reply.header('content-length');
  return length === undefined ? undefined : Number(length);
};

/** Seconds; a date is not worth its reading here. */
const retryAfter = (reply: Reply): { readonly after?: number } => {
  const seconds = Number(reply.header('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? { after: seconds * 1000 } : {};
};
