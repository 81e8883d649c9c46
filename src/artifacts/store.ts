import { readFile } from 'node:fs/promises';
import type { Artifact, ArtifactFile, Artifacts, ImageArchive } from '../core/artifacts.ts';
import { CpaasError } from '../core/errors.ts';
import { extractMember } from './archive.ts';
import type { BundleList } from './bundle-list.ts';
import { imageNamesFor, imagesFor, loadBundle, notInBundle } from './bundled.ts';
import { digestOf } from './cache.ts';
import {
  artifactNamed,
  canonical,
  keyOf,
  nameOf,
  pinnedAs,
  programNamed,
  Sha256,
  type Source,
  sourceOf,
  wordsOf,
} from './catalog.ts';
import { wrongDigest } from './failures.ts';
import { Fetcher, type FetchOptions, type Known } from './fetcher.ts';
import type { LockFile } from './lock-file.ts';

export interface StoreOptions extends FetchOptions {
  /** The lock file beside the cluster file; nothing where there is no file. */
  readonly lock?: LockFile;
  /** Whether digests that are met for the first time are written into it: a run does, `plan` does not. */
  readonly records?: boolean;
  /** A bundle to take everything from: nothing is downloaded then. */
  readonly bundle?: string;
  /** Whose images are asked for. */
  readonly cluster?: string;
}

/** Artifacts from cache, mirror and publishers. What is asked for twice is looked for once. */
export function openStore(options: StoreOptions): Artifacts {
  const store = new Store(options);
  return {
    digest: store.digest,
    file: store.file,
    text: async (artifact) => readFile((await store.file(artifact)).path, 'utf8'),
    identify: async (sha256) => pinnedAs(sha256) ?? options.lock?.named(sha256) ?? (await store.remembered(sha256)),
    program: programNamed,
    images: store.images,
    imageNames: store.imageNames,
  };
}

class Store {
  readonly #options: StoreOptions;
  readonly #fetcher: Pick<Fetcher, 'fetch' | 'published'>;
  #bundle: Promise<BundleList> | undefined;
  readonly #digests = new Map<string, Promise<Known>>();
  readonly #files = new Map<string, Promise<ArtifactFile>>();

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#fetcher = options.bundle === undefined ? new Fetcher(options) : fetchingNothing(options.bundle);
  }

  readonly digest = async (artifact: Artifact): Promise<string> => (await this.#known(canonical(artifact))).sha256;

  readonly file = (artifact: Artifact): Promise<ArtifactFile> => {
    const one = canonical(artifact);
    return once(this.#files, keyOf(one), () => this.#file(one));
  };

  readonly images = async (): Promise<readonly ImageArchive[]> => {
    const of = await this.#imagesOf();
    return of === undefined ? [] : imagesFor(of, this.#options.cache);
  };

  readonly imageNames = async (): Promise<ReadonlyMap<string, string>> => {
    const of = await this.#imagesOf();
    return of === undefined ? new Map() : imageNamesFor(of, this.#options.cache);
  };

  /** Whose images are meant: those of the bundle's cluster, where there is a bundle. */
  async #imagesOf(): Promise<string | undefined> {
    return (await this.#unpacked())?.cluster ?? this.#options.cluster;
  }

  /** Everything in the bundle is in the cache before anything is looked for. */
  async #unpacked(): Promise<BundleList | undefined> {
    const { bundle, cache, lock } = this.#options;
    if (bundle === undefined) return undefined;
    this.#bundle ??= loadBundle(bundle, cache, lock);
    return this.#bundle;
  }

  async remembered(sha256: string): Promise<Artifact | undefined> {
    return artifactNamed((await this.#options.cache.recall('digests', sha256)) ?? '');
  }

  #known(artifact: Artifact): Promise<Known> {
    return once(this.#digests, keyOf(artifact), async () => {
      const { cache, lock, records } = this.#options;
      await this.#unpacked();
      const known = await this.#find(artifact);
      const { pinned, member } = sourceOf(artifact);
      if (pinned !== undefined && member === undefined) return known;
      if (records) lock?.record(artifact, known.sha256);
      await cache.remember(keyOf(artifact), 'digests', known.sha256);
      return known;
    });
  }

  async #find(artifact: Artifact): Promise<Known> {
    const source = sourceOf(artifact);
    const locked = this.#options.lock?.get(artifact);
    const pinned = source.member === undefined ? source.pinned : undefined;
    if (locked !== undefined && pinned !== undefined && locked !== pinned)
      throw contradiction(artifact, locked, pinned);
    if (pinned !== undefined) return { sha256: pinned, by: 'pinned in the catalog' };
    if (locked !== undefined) return { sha256: locked, by: 'recorded in cpaas.lock' };
    return source.member === undefined ? this.#published(artifact, source) : this.#inArchive(artifact, source.member);
  }

  /** The publisher's word for it; where it gives none, what comes the first time. */
  async #published(artifact: Artifact, source: Source): Promise<Known> {
    const { cache, emit } = this.#options;
    const before = Sha256.safeParse(await cache.recall('artifacts', ...wordsOf(artifact)));
    if (before.success) return { sha256: before.data, by: 'as it came before' };
    const told = await this.#fetcher.published(artifact, source);
    const sha256 = told ?? (await this.#fetcher.fetch(artifact, source)).sha256;
    if (told === undefined)
      emit({
        type: 'warning',
        text: `${nameOf(artifact)} has no published digest: what came is taken for it, sha256 ${sha256}`,
      });
    await cache.remember(sha256, 'artifacts', ...wordsOf(artifact));
    return { sha256, by: told === undefined ? 'as it came first' : 'as published' };
  }

  /** The digest of a program is known once its archive has been opened, then for ever. */
  async #inArchive(artifact: Artifact, member: string): Promise<Known> {
    const archive = await this.#known(whole(artifact));
    const before = Sha256.safeParse(await this.#options.cache.recall('programs', archive.sha256, programOf(artifact)));
    if (before.success) return { sha256: before.data, by: 'as it is in its archive' };
    return { sha256: (await this.#unpack(artifact, member)).sha256, by: 'as it is in its archive' };
  }

  async #file(artifact: Artifact): Promise<ArtifactFile> {
    const known = await this.#known(artifact);
    const here = await this.#options.cache.get(known.sha256);
    if (here) return here;
    const source = sourceOf(artifact);
    return source.member === undefined
      ? this.#fetcher.fetch(artifact, source, known)
      : this.#unpack(artifact, source.member, known);
  }

  async #unpack(artifact: Artifact, member: string, known?: Known): Promise<ArtifactFile> {
    const { cache } = this.#options;
    const archive = await this.file(whole(artifact));
    const partial = await cache.partial(`${archive.sha256} ${member} ${process.pid}`);
    try {
      await extractMember(archive, nameOf(whole(artifact)), member, partial.path);
      const found = await digestOf(partial.path);
      if (known && known.sha256 !== found)
        throw wrongDigest(nameOf(artifact), archive.path, { wanted: known.sha256, found, by: known.by });
      await cache.remember(found, 'programs', archive.sha256, programOf(artifact));
      return await cache.put(partial.path, found);
    } finally {
      await partial.discard();
    }
  }
}

const whole = ({ name, version, platform }: Artifact): Artifact => ({ name, version, platform });
const programOf = ({ program = '' }: Artifact): string => program;

/** One answer for all who ask; a failure is not kept. */
function once<T>(answers: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const before = answers.get(key);
  if (before) return before;
  const answer = ask();
  answers.set(key, answer);
  answer.catch(() => answers.delete(key));
  return answer;
}

const fetchingNothing = (bundle: string): Pick<Fetcher, 'fetch' | 'published'> => ({
  published: (artifact) => Promise.reject(notInBundle(artifact, bundle)),
  fetch: (artifact) => Promise.reject(notInBundle(artifact, bundle)),
});

const contradiction = (artifact: Artifact, locked: string, pinned: string): CpaasError =>
  new CpaasError('ARTIFACT.LOCK', `cpaas.lock and the catalog have two digests of ${nameOf(artifact)}`, {
    evidence: [
      { label: 'cpaas.lock', text: locked },
      { label: 'catalog', text: pinned },
    ],
    next: [{ label: 'find out whose is right before you remove the line from cpaas.lock' }],
  });
