import { dirname, join, resolve } from 'node:path';
import { Cache, cacheRoot } from '../artifacts/cache.ts';
import { openClient } from '../artifacts/client.ts';
import { LOCK_FILE, LockFile } from '../artifacts/lock-file.ts';
import { openStore } from '../artifacts/store.ts';
import type { Globals } from '../cli/globals.ts';
import type { Io } from '../cli/io.ts';
import { homePath } from '../config/kubeconfig.ts';
import type { Artifacts } from '../core/artifacts.ts';
import type { Listener } from '../core/events.ts';
import type { Target } from './target.ts';

/** Where this cluster's programs, manifests and images come from. `records`: whether new digests go into the lock file. */
export function artifactsOf(
  { cluster, file }: Pick<Target, 'cluster' | 'file'>,
  { timeout, bundle: given }: Pick<Globals, 'timeout' | 'bundle'>,
  { env, interrupted }: Pick<Io, 'env' | 'interrupted'>,
  { emit, records }: { readonly emit: Listener; readonly records: boolean },
): { readonly artifacts: Artifacts; close(): Promise<void> } {
  const patience = timeout === undefined ? {} : { patience: timeout * 1000 };
  const client = openClient({ env, signal: interrupted, ...patience });
  const { mirror, bundle: named } = cluster?.spec.artifacts ?? {};
  // the file's own is beside the file, the command line's where the command is given
  const bundle = given ?? (named === undefined ? undefined : resolve(dirname(file ?? ''), homePath(named, env)));
  const artifacts = openStore({
    cache: new Cache(cacheRoot(env)),
    client,
    signal: interrupted,
    emit,
    records,
    ...(file === undefined ? {} : { lock: new LockFile(join(dirname(file), LOCK_FILE)) }),
    ...(mirror === undefined ? {} : { mirror }),
    ...(bundle === undefined ? {} : { bundle }),
    ...(cluster === undefined ? {} : { cluster: cluster.metadata.name }),
  });
  return { artifacts, close: client.close };
}
