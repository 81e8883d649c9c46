import { providerOf } from '../config/defaults.ts';
import type { Env } from '../config/kubeconfig.ts';
import type { Cluster } from '../config/schema.ts';
import { CpaasError } from '../core/errors.ts';
import type { BootCall } from '../host/boot-units.ts';
import { atBootPhase } from './at-boot-phase.ts';
import type { Blueprint, Provider } from './blueprint.ts';
import { existing } from './existing.ts';
import { lab } from './lab.ts';

/** Who can make a cluster. One import and one line each. */
export const providers: readonly Provider[] = [lab, existing];

/**
 * Everything that follows from a cluster file and the environment it is read in. `call`: how this cpaas is called by a machine that
 * starts; where nobody says, nothing is left there that would. Rejects with `PROVIDER.MISSING` one that this version cannot make yet. */
export function blueprintOf(cluster: Cluster, env: Env, call?: BootCall): Blueprint {
  const wanted = providerOf(cluster);
  const provider = providers.find(({ name }) => name === wanted);
  if (provider) {
    const blueprint = provider.blueprint(cluster, env);
    const { plan } = blueprint;
    const atBoot = call ? atBootPhase(cluster, blueprint, call) : [];
    return { ...blueprint, plan: { ...plan, phases: [...plan.phases, ...atBoot] } };
  }
  throw new CpaasError('PROVIDER.MISSING', `this version of cpaas makes no ${wanted} clusters yet`, {
    next: [{ label: 'make the cluster by hand and join it: spec.provider.existing' }],
  });
}
