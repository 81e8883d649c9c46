import { existsSync } from 'node:fs';
import type { Cluster } from '../config/schema.ts';
import type { RunCommand } from '../core/journal.ts';
import type { Blueprint } from '../providers/blueprint.ts';
import { DEFAULT_FILE, type Globals } from './globals.ts';
import type { Io } from './io.ts';

export interface SessionOptions {
  /** The run that this is for: it has the cluster to itself. */
  readonly lock?: RunCommand;
  /** Whether the command can do without the cluster file: `down`, `runs`, `forget`, `rollback`. */
  readonly fileless?: boolean;
}

/** What a command acts on. */
export interface Target {
  readonly name: string;
  readonly file: string | undefined;
  readonly cluster: Cluster | undefined;
  readonly blueprint: Blueprint | undefined;
  /** What is doubtful about the file, a line each. */
  readonly warnings: readonly string[];
}

/** The path of the cluster file: `-f`, `CPAAS_FILE`, or `cpaas.yaml`. */
export const filePath = ({ file }: Pick<Globals, 'file'>, { env }: Pick<Io, 'env'>): string =>
  file ?? (env['CPAAS_FILE'] || DEFAULT_FILE);

/** The cluster of the file; or the one that `--cluster` names, of which only the state is known, where that will do. */
export async function target(globals: Globals, io: Io, { fileless = false }: SessionOptions): Promise<Target> {
  const file = filePath(globals, io);
  if (fileless && globals.cluster !== undefined && (globals.file === undefined || !existsSync(file)))
    return { name: globals.cluster, file: undefined, cluster: undefined, blueprint: undefined, warnings: [] };
  const [{ loadCluster }, { formatProblem }, { blueprintOf }] = await Promise.all([
    import('../config/load.ts'),
    import('../config/problems.ts'),
    import('../providers/index.ts'),
  ]);
  const warnings: string[] = [];
  const cluster = await loadCluster(file, (problem) => warnings.push(formatProblem(file, problem)));
  return { name: cluster.metadata.name, file, cluster, blueprint: blueprintOf(cluster, io.env), warnings };
}
