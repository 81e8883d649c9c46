import { needsContainerd2 } from '../versions/rules.ts';
import type { HostFacts } from './host-facts.ts';

/** Where what a machine lacks comes from: repositories of packages, or files by digest. */
export type Supply = 'packages' | 'files';

/** How a machine has its programs, or will have them. `theirs`: somebody has put them there in another way, and they are left. */
export interface Equipment {
  /** kubelet, kubeadm and kubectl. */
  readonly programs: Supply | 'theirs';
  /** The package of containerd, or files. */
  readonly runtime: 'containerd' | 'containerd.io' | 'files' | 'theirs';
  /** Whether containerd's configuration is for cpaas to write: it is cpaas's, or does not serve a kubelet. */
  readonly configures: boolean;
}

export const PROGRAMS = ['kubelet', 'kubeadm', 'kubectl'] as const;

/** What is there decides; the supply only where nothing is. So what was prepared once stays what it is when the file says otherwise. */
export function equipmentOf(facts: HostFacts, version: string, supply: Supply): Equipment {
  return {
    programs: programsOf(facts, supply),
    runtime: runtimeOf(facts, version, supply),
    configures: facts.containerdConfig !== 'serves',
  };
}

function programsOf({ software, kubeletUnit, kubeadm, kubelet }: HostFacts, supply: Supply): Equipment['programs'] {
  if (PROGRAMS.some((name) => software.packages.has(name))) return 'packages';
  if (kubeletUnit === 'ours') return 'files';
  return kubeadm !== undefined && kubelet.installed ? 'theirs' : supply;
}

function runtimeOf(
  { software, containerdUnit, runtimes }: HostFacts,
  version: string,
  supply: Supply,
): Equipment['runtime'] {
  const packaged = (['containerd.io', 'containerd'] as const).find((name) => software.packages.has(name));
  if (packaged) return packaged;
  if (containerdUnit === 'ours') return 'files';
  if (runtimes['containerd'] !== undefined && (software.containerdRuns || containerdUnit === 'theirs')) return 'theirs';
  if (supply === 'files') return 'files';
  return needsContainerd2(version) ? 'containerd.io' : 'containerd';
}
