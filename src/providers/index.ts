import { providerOf } from '../config/defaults.ts';
import type { Env } from '../config/kubeconfig.ts';
import type { Cluster } from '../config/schema.ts';
import { CpaasError } from '../core/errors.ts';
import type { Blueprint, Provider } from './blueprint.ts';
import { existing } from './existing.ts';
import { lab } from './lab.ts';

/** Who can make a cluster. One import and one line each. */
export const providers: readonly Provider[] = [lab, existing];

/** Everything that follows from a cluster file and the environment it is read in. Rejects with `PROVIDER.MISSING` one that this version cannot make yet. */
export function blueprintOf(cluster: Cluster, env: Env): Blueprint {
  const wanted = providerOf(cluster);
  const provider = providers.find(({ name }) => name === wanted);
  if (provider) return provider.blueprint(cluster, env);
  throw new CpaasError('PROVIDER.MISSING', `this version of cpaas makes no ${wanted} clusters yet`, {
    next: [{ label: 'make the cluster by hand and join it: spec.provider.existing' }],
  });
}
