import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_FILE, type Globals } from '../cli/globals.ts';
import type { Io } from '../cli/io.ts';
import type { Cluster } from '../config/schema.ts';
import { ADHOC, clusterName } from '../core/cluster-name.ts';
import { CpaasError } from '../core/errors.ts';
import type { RunCommand } from '../core/journal.ts';
import type { BootCall } from '../host/boot-units.ts';
import type { Adhoc } from '../providers/adhoc/adhoc.ts';
import type { Blueprint } from '../providers/blueprint.ts';
import { clusterPaths, stateRoot } from '../state/paths.ts';
import { loadRecord } from '../state/record.ts';

export interface SessionOptions {
  /** The run that this is for: it has the cluster to itself. */
  readonly lock?: RunCommand;
  /** Whether the command can do without the cluster file: `down`, `runs`, `forget`, `rollback`. */
  readonly fileless?: boolean;
  /** Whether the command does without the cluster's API: then nobody asks which cluster it is. */
  readonly apiless?: boolean;
  /** What stands in for a cluster file: flags. */
  readonly adhoc?: Adhoc | undefined;
  /** Whether the command is about runs of long ago, too. */
  readonly whole?: boolean;
}

/** What a command acts on. */
export interface Target {
  readonly name: string;
  readonly file: string | undefined;
  readonly cluster: Cluster | undefined;
  readonly blueprint: Blueprint | undefined;
  readonly adhoc?: Adhoc;
  /** What is doubtful about the file, a line each. */
  readonly warnings: readonly string[];
}

/** The path of the cluster file: `-f`, `CPAAS_FILE`, or `cpaas.yaml`. */
export const filePath = ({ file }: Pick<Globals, 'file'>, { env }: Pick<Io, 'env'>): string =>
  file ?? (env['CPAAS_FILE'] || DEFAULT_FILE);

/**
 * The cluster of the file; or the one that `--cluster` names: of it only the state is known where that will do, else the file that the
 * last `up` had. A file that was asked for by name counts: `USAGE.CLUSTER` when it is about another cluster.
 */
export async function resolveTarget(
  globals: Globals,
  io: Pick<Io, 'env'>,
  { fileless = false, adhoc }: SessionOptions,
): Promise<Target> {
  if (adhoc) return { name: ADHOC, file: undefined, cluster: undefined, blueprint: undefined, adhoc, warnings: [] };
  const file = filePath(globals, io);
  const named = globals.cluster === undefined ? undefined : clusterName(globals.cluster);
  if (named !== undefined && fileless && (globals.file === undefined || !existsSync(file)))
    return { name: named, file: undefined, cluster: undefined, blueprint: undefined, warnings: [] };
  const root = stateRoot(globals.stateDir, io.env);
  const [{ loadCluster, parseCluster }, { formatProblem }, { blueprintOf }] = await Promise.all([
    import('../config/load.ts'),
    import('../config/problems.ts'),
    import('../providers/index.ts'),
  ]);
  const warnings: string[] = [];
  const gone = named !== undefined && !existsSync(file) ? remembered(named, file, root) : undefined;
  const cluster = gone
    ? parseCluster(gone.text, gone.path)
    : await loadCluster(file, (problem) => warnings.push(formatProblem(file, problem)));
  const { name } = cluster.metadata;
  mustBeAbout(globals.cluster, name, file);
  const { folder } = clusterPaths(root, name);
  return {
    name,
    file: gone?.path ?? file,
    cluster,
    blueprint: blueprintOf(cluster, {
      env: io.env,
      folder,
      asRoot: process.getuid?.() === 0,
      boot: thisCpaas(root),
    }),
    warnings,
  };
}

/** The file of a cluster as its last `up` had it, and where it is kept. Rejects with `USAGE.CLUSTER` where none is. */
function remembered(name: string, missing: string, root: string): { readonly text: string; readonly path: string } {
  const { record } = clusterPaths(root, name);
  const { file } = loadRecord(record, name);
  if (file === undefined) throw needsFile(name, missing);
  return { text: JSON.stringify(file), path: record };
}

const thisCpaas = (root: string): BootCall => ({
  program: [process.execPath, fileURLToPath(new URL('../../bin/cpaas.js', import.meta.url))],
  stateDir: resolve(root),
  user: userInfo().username,
});

/** Rejects with `USAGE.CLUSTER` a file that is about another cluster than `--cluster` names. */
export function mustBeAbout(named: string | undefined, name: string, file: string): void {
  if (named === undefined || named === name) return;
  throw new CpaasError('USAGE.CLUSTER', `${file} is about the cluster ${name}, not ${named}`, {
    next: [{ label: 'leave one of the two out: --cluster, or the file' }],
  });
}

const needsFile = (named: string, file: string): CpaasError =>
  new CpaasError('USAGE.CLUSTER', `this needs the file of ${named}, and there is no ${file}`, {
    next: [{ label: 'say where it is: -f PATH' }],
  });

/** Rejects with `USAGE.CLUSTER` where neither a file nor the state knows the cluster. */
export function mustBeKnown({ name, cluster, adhoc }: Target, folder: string): void {
  if (cluster || adhoc || existsSync(folder)) return;
  throw new CpaasError('USAGE.CLUSTER', `nothing is known of a cluster ${name}`, {
    evidence: [{ label: 'looked in', text: folder }],
    next: [{ label: 'see that the name and --state-dir are right' }],
  });
}
