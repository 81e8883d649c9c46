import { CpaasError, type NextAction } from '../core/errors.ts';
import type { Cluster } from './schema.ts';

export type Env = Readonly<Record<string, string | undefined>>;

const USUAL = '~/.kube/config';

/**
 * The kubeconfig of a cluster that is there already: the file's, `KUBECONFIG`, or kubectl's own default. Rejects with
 * `CONFIG.KUBECONFIG` what names no single path: kubectl would merge a list, and which of its clusters is meant nobody could tell.
 */
export function kubeconfigPath({ spec: { provider } }: Cluster, env: Env): string {
  return provider.existing?.kubeconfig
    ? homePath(provider.existing.kubeconfig, env)
    : usualKubeconfig(env, { label: 'name one of them in the cluster file: spec.provider.existing.kubeconfig' });
}

/** Where kubectl looks: `KUBECONFIG`, or its default. Rejects with `CONFIG.KUBECONFIG` a list; `next` is what to do about one. */
export function usualKubeconfig(env: Env, next: NextAction): string {
  const [path = USUAL, ...more] = (env['KUBECONFIG'] ?? '').split(':').filter(Boolean);
  if (more.length > 0)
    throw new CpaasError('CONFIG.KUBECONFIG', 'KUBECONFIG names several files, and cpaas needs to know which', {
      evidence: [path, ...more].map((text) => ({ label: 'names', text })),
      next: [next],
    });
  return homePath(path, env);
}

/** A path whose `~` is the home folder. */
export function homePath(path: string, env: Env): string {
  if (!path.startsWith('~/')) return path;
  const home = env['HOME'];
  if (home) return home + path.slice(1);
  throw new CpaasError('CONFIG.KUBECONFIG', `HOME is not set, so ${path} leads nowhere`, {
    next: [{ label: 'write the whole path, or set HOME' }],
  });
}
