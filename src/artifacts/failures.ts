import { statfsSync } from 'node:fs';
import { CpaasError, type Evidence, type NextAction } from '../core/errors.ts';
import type { NoReply, Reply } from './client.ts';

/** What is being fetched, for messages. */
export interface Wanted {
  /** `kubectl 1.35.8 for linux/amd64`. */
  readonly name: string;
  readonly url: string;
  /** Whether the URL leads to the mirror of the cluster file. */
  readonly mirrored: boolean;
}

/** A file whose digest is not what it must be. It is nowhere in the cache. */
export const wrongDigest = (
  name: string,
  from: string,
  { wanted, found, by }: { readonly wanted: string; readonly found: string; readonly by: string },
): CpaasError =>
  new CpaasError('ARTIFACT.DIGEST', `${name} is not what it must be: its sha256 is another`, {
    evidence: [
      { label: 'from', text: from },
      { label: 'wanted', text: `${wanted} (${by})` },
      { label: 'found', text: found },
    ],
    next: [
      { label: 'nothing of it was kept or used: see who gave out another file, the mirror or a proxy on the way' },
      { label: 'only when the publisher has put out another one: take its line out of cpaas.lock' },
    ],
  });

/** Ways round a site that does not give what is wanted; `from`: the one that was asked last. */
export const around = ({ url, mirrored }: Wanted, from = url): readonly NextAction[] => [
  ...(mirrored && from === url
    ? [{ label: `see that the mirror answers: spec.artifacts.mirror; it must serve ${new URL(url).pathname}` }]
    : [{ label: 'see that this machine reaches the site; a proxy is taken from HTTPS_PROXY and NO_PROXY' }]),
  { label: 'without a network: bring a bundle that was made elsewhere', command: 'cpaas bundle create' },
];

/** Nobody answers at all. */
export const unreachable = (wanted: Wanted, cause: NoReply): CpaasError =>
  new CpaasError(
    'ARTIFACT.UNREACHABLE',
    `${wanted.name} cannot be fetched: ${new URL(cause.url).host} does not answer`,
    {
      cause,
      evidence: [...askedOf(wanted, cause.url), { label: 'seen', text: rootOf(cause) }, ...byWayOf(cause.proxy)],
      next: around(wanted, cause.url),
    },
  );

const byWayOf = (proxy: string | undefined): readonly Evidence[] =>
  proxy === undefined ? [] : [{ label: 'by way of', text: `the proxy ${proxy}` }];

/** The server knows no such file, or does not give it out; with a 403 perhaps the proxy does not. */
export const missing = (wanted: Wanted, { url, status, proxy }: Reply): CpaasError => {
  const { host } = new URL(url);
  const message = status === 403 ? `${host} does not give out ${wanted.name}` : `${host} has no ${wanted.name}`;
  return new CpaasError('ARTIFACT.MISSING', message, {
    evidence: [...askedOf(wanted, url), { label: 'answer', text: `${status}` }, ...byWayOf(proxy)],
    next: [
      ...(status === 403 && proxy !== undefined
        ? [{ label: `the answer may be the proxy's own: whoever runs it has to let ${host} through` }]
        : []),
      { label: 'see that this version exists, and is published for this platform' },
      ...(wanted.mirrored ? around(wanted).slice(0, 1) : []),
    ],
  });
};

/** The server answers, but not with the file, each time it is asked. */
export const refused = (wanted: Wanted, { url, status, proxy }: Reply): CpaasError =>
  new CpaasError('ARTIFACT.SERVER', `${new URL(url).host} does not give out ${wanted.name}`, {
    evidence: [...askedOf(wanted, url), { label: 'answer', text: `${status}` }, ...byWayOf(proxy)],
    next: [{ label: 'try again later; what had come is kept', command: 'cpaas up' }, ...around(wanted)],
  });

/** It broke off, each time, without one more byte. */
export const cut = (wanted: Wanted, { received, total }: Received, cause: unknown): CpaasError =>
  new CpaasError('ARTIFACT.CUT', `${wanted.name} breaks off at ${share(received, total)}`, {
    cause,
    evidence: [urlOf(wanted), { label: 'received', text: `${received} of ${total ?? 'an unknown number of'} bytes` }],
    next: [{ label: 'goes on from there', command: 'cpaas up' }, ...around(wanted)],
  });

export interface Received {
  readonly received: number;
  readonly total: number | undefined;
}

const share = (received: number, total: number | undefined): string =>
  total ? `${Math.floor((received / total) * 100)} %` : `byte ${received}`;

/** Runs what writes into a folder of ours. What the file system refuses rejects with `ARTIFACT.DISK` or `ARTIFACT.CACHE`. */
export async function keeping<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (!(cause instanceof Error) || cause instanceof CpaasError || !('syscall' in cause)) throw cause;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new CpaasError('ARTIFACT.DISK', `the disk is full: ${path} cannot be written`, {
        cause,
        evidence: free(path),
        next: [{ label: 'make room, or keep the cache on another disk: XDG_CACHE_HOME' }],
      });
    throw new CpaasError('ARTIFACT.CACHE', `the cache cannot be used: ${cause.message}`, {
      cause,
      next: [{ label: 'see the owner of that folder, or keep the cache elsewhere: XDG_CACHE_HOME' }],
    });
  }
}

function free(path: string): readonly Evidence[] {
  try {
    const { bavail, bsize } = statfsSync(path.slice(0, path.lastIndexOf('/')));
    return [{ label: 'left there', text: `${Math.floor((bavail * bsize) / 1024 / 1024)} MiB` }];
  } catch {
    return [];
  }
}

const urlOf = ({ url }: Wanted): Evidence => ({ label: 'url', text: url });

/** What was asked for and, where redirects led elsewhere, who was asked last: `url` without its query, which may be a key to the file. */
export const askedOf = (wanted: Wanted, url = wanted.url): readonly Evidence[] => {
  const { origin, pathname } = new URL(url);
  return [urlOf(wanted), ...(url === wanted.url ? [] : [{ label: 'led on to', text: `${origin}${pathname}` }])];
};

/** The first cause: what fetch itself says is only "fetch failed". */
export function rootOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return rootOf(error.errors[0]);
  return error.cause instanceof Error ? rootOf(error.cause) : error.message;
}
