import { dirname, join } from 'node:path';
import { Cache, cacheRoot } from '../artifacts/cache.ts';
import { openClient } from '../artifacts/client.ts';
import { LOCK_FILE, LockFile } from '../artifacts/lock-file.ts';
import { openStore } from '../artifacts/store.ts';
import type { Artifacts } from '../core/artifacts.ts';
import type { Listener } from '../core/events.ts';
import type { Globals } from './globals.ts';
import type { Io } from './io.ts';
import type { Target } from './target.ts';

/** Where this cluster's programs, manifests and images come from. `records`: whether new digests go into the lock file. */
export function artifactsOf(
  { cluster, file }: Pick<Target, 'cluster' | 'file'>,
  { timeout }: Pick<Globals, 'timeout'>,
  { env, interrupted }: Pick<Io, 'env' | 'interrupted'>,
  { emit, records }: { readonly emit: Listener; readonly records: boolean },
): { readonly artifacts: Artifacts; close(): Promise<void> } {
  const patience = timeout === undefined ? {} : { patience: timeout * 1000 };
  const client = openClient({ env, signal: interrupted, ...patience });
  const { mirror } = cluster?.spec.artifacts ?? {};
  const artifacts = openStore({
    cache: new Cache(cacheRoot(env)),
    client,
    signal: interrupted,
    emit,
    records,
    ...(file === undefined ? {} : { lock: new LockFile(join(dirname(file), LOCK_FILE)) }),
    ...(mirror === undefined ? {} : { mirror }),
  });
  return { artifacts, close: client.close };
}
