import type { Globals } from '../cli/globals.ts';
import type { Io } from '../cli/io.ts';
import type { Cluster } from '../config/schema.ts';
import { Facts } from '../core/facts.ts';
import { nothing, type Plan } from '../core/plan.ts';
import type { Engine } from '../engine/engine.ts';
import { Instances } from '../engine/instances.ts';
import type { Adhoc } from '../providers/adhoc/adhoc.ts';
import type { Blueprint } from '../providers/blueprint.ts';
import { fileJournal } from '../state/journal.ts';
import { takeLock } from '../state/lock.ts';
import { type ClusterPaths, clusterPaths, stateRoot } from '../state/paths.ts';
import type { ClusterRecord } from '../state/record.ts';
import { revive } from '../steps/index.ts';
import { openHosts } from '../transport/connect.ts';
import type { Heading } from '../ui/screens/heading.ts';
import { artifactsOf } from './artifacts.ts';
import { checkIdentity } from './identity.ts';
import { interruptsOf } from './interrupts.ts';
import { openRecordStore } from './record-store.ts';
import { openReporter, type Reporter } from './reporter.ts';
import { mustBeKnown, resolveTarget, type SessionOptions, type Target } from './target.ts';

/** Everything a command works with: what the file says, what the state remembers, the machines, the engine. */
export interface Session {
  readonly name: string;
  /** Nothing where only the state is known. */
  readonly cluster: Cluster | undefined;
  readonly blueprint: Blueprint | undefined;
  /** What stands in for a file. */
  readonly adhoc: Adhoc | undefined;
  /** The file's, or what stands in for it; or nothing. */
  readonly plan: Plan;
  readonly heading: Heading;
  readonly engine: Engine;
  readonly facts: Facts;
  readonly record: ClusterRecord;
  readonly paths: ClusterPaths;
  readonly reporter: Reporter;
  /** Keeps the file, as it has been applied. */
  remember(): void;
  /** Drops from the record what nobody needs any more. */
  tidy(): void;
  /** Says what is doubtful about the file; for commands that are about the file. */
  warn(): void;
  close(): Promise<void>;
}

/** Opens a cluster for reading, or with its lock. `openRun` is the same with a run and a log. */
export async function openSession(globals: Globals, io: Io, options: SessionOptions = {}): Promise<Session> {
  const target = await resolveTarget(globals, io, options);
  const paths = clusterPaths(stateRoot(globals.stateDir, io.env), target.name);
  mustBeKnown(target, paths.folder);
  // before anything is read: what another run writes meanwhile would not be known here
  const release = options.lock ? takeLock(paths.lock, options.lock) : () => {};
  try {
    const session = await open(target, paths, globals, io, options);
    const close = async (): Promise<void> => {
      release();
      await session.close();
    };
    return { ...session, close };
  } catch (error) {
    release();
    throw error;
  }
}

async function open(
  target: Target,
  paths: ClusterPaths,
  globals: Globals,
  io: Io,
  { lock, fileless = false, apiless = fileless, whole = false }: SessionOptions,
): Promise<Session> {
  const { name, cluster, blueprint, adhoc } = target;
  const { plan, hosts: named } = blueprint ?? adhoc ?? { plan: nothing(name), hosts: {} };
  const records = openRecordStore(paths.record, name, named);
  const reporter = await openReporter(
    globals,
    io,
    plan.phases.map((phase) => phase.name),
  );
  const { emit, secrets } = reporter;
  const interrupts = interruptsOf(io.interrupted);
  const patience = globals.timeout === undefined ? undefined : globals.timeout * 1000;
  const hosts = openHosts(records.hosts, {
    secrets,
    emit,
    signal: interrupts.reads,
    knownHosts: paths.knownHosts,
    acceptNew: globals.acceptNewHostKeys ?? false,
    ...(patience === undefined ? {} : { connectTimeout: patience, commandTimeout: patience }),
  });
  const store = artifactsOf(target, globals, io, { emit, records: lock !== undefined });
  const engine: Engine = {
    ctx: {
      host: hosts.host,
      identity: (key) => records.identity(key, hosts),
      secret: (ref) => secrets.reveal(ref),
      artifacts: store.artifacts,
      signal: io.interrupted,
    },
    journal: records.recordingFirst(fileJournal(paths.journal, { whole })),
    emit,
    revive,
    instances: new Instances(),
    uninterrupted: (act) => interrupts.uninterrupted(engine, act),
    parallel: globals.parallel,
    clock: () => performance.now() / 1000,
    ...(patience === undefined ? {} : { patience }),
  };
  const { newer } = engine.journal;
  if (newer && !lock) emit({ type: 'warning', text: `${newer.message}: what is ours may be another than is shown` });
  const facts = new Facts(engine.ctx);
  if (blueprint && !apiless)
    await checkIdentity(blueprint, records.record, facts, { must: lock !== undefined }).catch(
      async (error: unknown) => {
        await hosts.closeAll();
        throw error;
      },
    );
  return {
    ...{ name, cluster, blueprint, adhoc, plan, engine, facts, paths, reporter },
    record: records.record,
    heading: heading(target, records.record),
    remember: () => records.remember(cluster, engine.journal),
    tidy: () => records.tidy(engine.journal),
    warn: () => {
      for (const text of target.warnings) emit({ type: 'warning', text });
    },
    close: async () => {
      await hosts.closeAll();
      await store.close();
      await reporter.close();
    },
  };
}

function heading({ name, blueprint, file }: Target, { hosts }: ClusterRecord): Heading {
  const nodes = blueprint?.size ?? blueprint?.nodes?.length;
  return {
    cluster: name,
    provider: blueprint?.provider ?? '',
    ...(nodes === undefined ? {} : { nodes }),
    routers: blueprint?.routers.length ?? Object.keys(hosts).length,
    ...(file === undefined ? {} : { file }),
  };
}
