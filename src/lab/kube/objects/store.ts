import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { KubeObject } from './object.ts';
import { expired } from './status.ts';

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly bucket: string;
  readonly revision: number;
  readonly object: KubeObject;
  /** What was there before. */
  readonly old?: KubeObject;
}
type Listener = (event: StoreEvent) => void;

interface Dump {
  readonly revision: number;
  readonly buckets: Readonly<Record<string, readonly (readonly [key: string, object: KubeObject])[]>>;
}

/** How many changes a watch may lag behind before it has to list again. */
const HISTORY = 10_000;

/**
 * Objects in buckets, with one revision that every change raises, and the changes since the start for watches. Kept in a file, written
 * whole a moment after changes, so that a restart keeps the objects. What a crash loses is the last moment.
 */
export class Store {
  #revision = 1;
  #oldest = 1;
  readonly #buckets = new Map<string, Map<string, KubeObject>>();
  #history: StoreEvent[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #file: string | undefined;
  #saving: NodeJS.Timeout | undefined;

  /** @param file where the objects are kept; none for a store that forgets */
  constructor(file?: string) {
    this.#file = file;
    const dump = file === undefined ? undefined : readDump(file);
    if (dump === undefined) return;
    this.#revision = this.#oldest = dump.revision;
    for (const [bucket, entries] of Object.entries(dump.buckets)) this.#buckets.set(bucket, new Map(entries));
  }

  get revision(): number {
    return this.#revision;
  }

  get(bucket: string, key: string): KubeObject | undefined {
    return this.#buckets.get(bucket)?.get(key);
  }

  /** Objects of a bucket, ordered by key as etcd orders them. */
  list(bucket: string): readonly (readonly [key: string, object: KubeObject])[] {
    return [...(this.#buckets.get(bucket) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  buckets(): readonly string[] {
    return [...this.#buckets.keys()];
  }

  put(bucket: string, key: string, object: KubeObject): KubeObject {
    const objects = this.#buckets.get(bucket) ?? new Map<string, KubeObject>();
    this.#buckets.set(bucket, objects);
    const old = objects.get(key);
    const revision = ++this.#revision;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    objects.set(key, stored);
    const type = old === undefined ? 'ADDED' : 'MODIFIED';
    this.#publish({ type, bucket, revision, object: stored, ...(old && { old }) });
    return stored;
  }

  delete(bucket: string, key: string): KubeObject | undefined {
    const old = this.get(bucket, key);
    if (old === undefined) return undefined;
    this.#buckets.get(bucket)?.delete(key);
    const revision = ++this.#revision;
    const object = { ...old, metadata: { ...old.metadata, resourceVersion: String(revision) } };
    this.#publish({ type: 'DELETED', bucket, revision, object, old });
    return object;
  }

  /**
   * Hands over every change after revision `since`, those of the past at once.
   * @returns the function that ends it
   * @throws ApiError 410 when the past is no longer remembered
   */
  subscribe(since: number, listener: Listener): () => void {
    if (since < this.#oldest) throw expired(since, this.#oldest);
    for (const event of this.#history) if (event.revision > since) listener(event);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Writes what is not on disk yet. */
  flush(): void {
    if (this.#saving === undefined || this.#file === undefined) return;
    clearTimeout(this.#saving);
    this.#saving = undefined;
    const buckets = Object.fromEntries([...this.#buckets].map(([name, objects]) => [name, [...objects]]));
    const dump: Dump = { revision: this.#revision, buckets };
    writeFileSync(`${this.#file}.new`, JSON.stringify(dump), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  #publish(event: StoreEvent): void {
    this.#history.push(event);
    if (this.#history.length > HISTORY * 2) {
      this.#history = this.#history.slice(-HISTORY);
      this.#oldest = (this.#history[0]?.revision ?? this.#revision) - 1;
    }
    for (const listener of this.#listeners) listener(event);
    if (this.#file !== undefined) this.#saving ??= setTimeout(() => this.flush(), 50);
  }
}

function readDump(file: string): Dump | undefined {
  try {
    // Our own file, written whole: its shape is not in doubt.
    return JSON.parse(readFileSync(file, 'utf8')) as Dump;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
