import { join } from 'node:path';
import { baseFolder } from '../process/base-folder.ts';

/** Where the state of all clusters is: `--state-dir`, else `$XDG_STATE_HOME/cpaas`, else `~/.local/state/cpaas`. */
export function stateRoot(given: string | undefined, env: NodeJS.ProcessEnv): string {
  return given ?? join(baseFolder('XDG_STATE_HOME', env), 'cpaas');
}

/** The files of one cluster. Everything is the user's alone: folders 0700, files 0600. */
export function clusterPaths(root: string, cluster: string) {
  const folder = join(root, cluster);
  return {
    folder,
    journal: join(folder, 'journal.ndjson'),
    record: join(folder, 'cluster.json'),
    lock: join(folder, 'lock'),
    kubeconfig: join(folder, 'kubeconfig'),
    knownHosts: join(folder, 'known_hosts'),
    log: (run: string) => join(folder, 'runs', `${run}.log`),
  };
}
export type ClusterPaths = ReturnType<typeof clusterPaths>;
