import { providerOf } from '../config/defaults.ts';
import type { Cluster } from '../config/schema.ts';
import type { Blueprint, Provider, Surroundings } from './blueprint.ts';
import { existing } from './existing.ts';
import { atBootPhase } from './hosts/at-boot-phase.ts';
import { k3d } from './k3d/k3d.ts';
import { kubeadm } from './kubeadm/kubeadm.ts';
import { lab } from './lab/lab.ts';

/** Who can make a cluster. One import and one line each. */
export const providers: readonly Provider[] = [k3d, lab, kubeadm, existing];

/** Everything that follows from a cluster file and where it is read. */
export function blueprintOf(cluster: Cluster, surroundings: Surroundings): Blueprint {
  const wanted = providerOf(cluster);
  const provider = providers.find(({ name }) => name === wanted);
  if (!provider) throw new Error(`nobody makes ${wanted} clusters`);
  const blueprint = provider.blueprint(cluster, surroundings);
  const { plan } = blueprint;
  const { boot } = surroundings;
  const atBoot = boot ? atBootPhase(cluster, blueprint, boot) : [];
  return { ...blueprint, plan: { ...plan, phases: [...plan.phases, ...atBoot] } };
}
