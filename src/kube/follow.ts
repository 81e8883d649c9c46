import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Reader } from '../core/context.ts';
import { CpaasError } from '../core/errors.ts';
import { reading } from '../core/reading.ts';
import { parseAnswer } from '../host/answer.ts';
import type { KubeAccess } from './access.ts';
import { kubeFailure } from './failure.ts';
import { type KubeObject, kubectl } from './kubectl.ts';
import { Listed, pagesOf } from './pages.ts';

/** A kind of objects to follow. */
export interface Followed {
  /** As the API serves all of them: `/api/v1/nodes`. */
  readonly path: string;
  /** What of an object matters, as text: an object whose text stays the same has not changed. Empty where none of it matters. */
  digest(object: KubeObject): string;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Something that matters has changed, or may have while nobody was looking. */
  readonly changed: () => void;
  /** Why nothing can be heard for now, each time that it was tried; nothing, once it can. */
  readonly trouble: (error: CpaasError | undefined) => void;
  /** Milliseconds to wait, unless the signal comes first. Tests count instead. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** What is kept of the objects that are followed: their texts that matter, and nothing else. */
export class Kept {
  readonly #digests = new Map<string, string>();

  /** How many objects something is kept of: no more than there are. */
  get size(): number {
    return this.#digests.size;
  }

  /** Whether this is news. An object of which nothing matters is not kept. */
  note(object: KubeObject, digest: string): boolean {
    const id = idOf(object);
    const news = (this.#digests.get(id) ?? '') !== digest;
    if (digest === '') this.#digests.delete(id);
    else this.#digests.set(id, digest);
    return news;
  }

  /** Whether something of those goes that are not in a list. */
  keepOnly(ids: ReadonlySet<string>): boolean {
    const gone = [...this.#digests.keys()].filter((id) => !ids.has(id));
    for (const id of gone) this.#digests.delete(id);
    return gone.length > 0;
  }
}

/**
 * Seconds after which the API ends a watch by itself, and everything is listed anew: what was missed is seen then at the latest. And
 * after which kubectl does, since an API that is gone ends nothing.
 */
const WATCH = { api: 300, kubectl: 330 } as const;
/** Milliseconds between tries. */
const PATIENCE = { first: 1000, most: 30_000 } as const;

/**
 * Follows all objects of a kind until the signal: lists them, watches from there, and lists anew whenever the watch has ended, be it
 * at its time, cut off, or because the API no longer remembers that far (410). Rejects with the signal's reason, or with what is no
 * trouble of the API's.
 */
export async function follow(
  ctx: Reader,
  access: KubeAccess,
  followed: Followed,
  kept: Kept,
  { signal, changed, trouble, pause = sleepFor }: FollowOptions,
): Promise<never> {
  let wait = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      const { version, news } = await list(ctx, access, followed, kept);
      trouble(undefined);
      if (news) changed();
      const began = performance.now();
      for await (const heard of watch(ctx, access, followed, version, signal)) {
        if (kept.note(heard.object, heard.type === 'DELETED' ? '' : followed.digest(heard.object))) changed();
      }
      // one that ends at once, again and again, is not asked as often
      wait = performance.now() - began > PATIENCE.most ? 0 : later(wait);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof CpaasError)) throw error;
      trouble(error);
      wait = later(wait);
    }
    if (wait > 0) await pause(wait, signal);
  }
}

/** Asks again and again until there is an answer. */
export async function answered<T>(
  ask: () => Promise<T>,
  { signal, trouble, pause = sleepFor }: FollowOptions,
): Promise<T> {
  for (let wait = later(0); ; wait = later(wait)) {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof CpaasError)) throw error;
      trouble(error);
      await pause(wait, signal);
    }
  }
}

const sleepFor = (wait: number, signal: AbortSignal): Promise<void> => sleep(wait, undefined, { signal });
const later = (wait: number): number => Math.min(Math.max(wait * 2, PATIENCE.first), PATIENCE.most);

const idOf = ({ metadata: { namespace = '', name } }: KubeObject): string => `${namespace}/${name}`;

/** Page by page: of each only what matters is kept. */
async function list(
  ctx: Reader,
  access: KubeAccess,
  followed: Followed,
  kept: Kept,
): Promise<{ readonly version: string; readonly news: boolean }> {
  const ids = new Set<string>();
  let news = false;
  let version = '';
  for await (const page of pagesOf(ctx, access, followed.path)) {
    version = page.version;
    for (const object of page.items) {
      ids.add(idOf(object));
      news = kept.note(object, followed.digest(object)) || news;
    }
  }
  return { version, news: kept.keepOnly(ids) || news };
}

const Heard = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: Listed }),
  z.object({ type: z.literal('BOOKMARK'), object: z.unknown() }),
  z.object({
    type: z.literal('ERROR'),
    object: z.object({ code: z.number().optional(), message: z.string().default('') }),
  }),
]);
type Change = Extract<z.infer<typeof Heard>, { type: 'ADDED' | 'MODIFIED' | 'DELETED' }>;

const GONE = 410;

/** Changes since a version, as they come. Ends when the API ends it, also because it does not remember that version. */
async function* watch(
  ctx: Reader,
  access: KubeAccess,
  { path }: Followed,
  resourceVersion: string,
  signal: AbortSignal,
): AsyncGenerator<Change> {
  const query = new URLSearchParams({ watch: '1', resourceVersion, timeoutSeconds: `${WATCH.api}` });
  const machine = ctx.host(access.host);
  const command = reading(
    kubectl(access, 'get', '--raw', `${path}?${query}`, '--request-timeout', `${WATCH.kubectl}s`),
  );
  try {
    for await (const line of machine.follow(command, signal)) {
      const heard = parseAnswer(Heard, line, 'KUBE.ANSWER', `the watch of ${path}`);
      if (heard.type === 'BOOKMARK') continue;
      if (heard.type !== 'ERROR') yield heard;
      else if (heard.object.code === GONE) return;
      else
        throw new CpaasError('KUBE.REFUSED', `the Kubernetes API ended the watch of ${path}: ${heard.object.message}`);
    }
  } catch (error) {
    if (!(error instanceof CpaasError) || error.code !== 'HOST.COMMAND') throw error;
    const said = error.evidence.find(({ label }) => label === 'answer')?.text ?? '';
    if (/^Error from server/m.test(said))
      throw kubeFailure(`kubectl get --raw ${path}`, machine.name, { stdout: '', stderr: said, code: 1 });
    throw new CpaasError('KUBE.UNREACHABLE', `the watch of ${path} was cut off`, {
      cause: error,
      evidence: [{ label: 'answer', text: said }],
    });
  }
}
