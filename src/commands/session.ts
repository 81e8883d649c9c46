import { hostname, userInfo } from 'node:os';
import type { Cluster } from '../config/schema.ts';
import type { Event } from '../core/events.ts';
import { Facts } from '../core/facts.ts';
import type { HostTable } from '../core/host-spec.ts';
import type { Journal, RunCommand } from '../core/journal.ts';
import { nothing, type Plan } from '../core/plan.ts';
import type { Engine } from '../engine/engine.ts';
import type { Blueprint } from '../providers/blueprint.ts';
import { type ClusterPaths, clusterPaths, stateRoot } from '../state/paths.ts';
import { type ClusterRecord, loadRecord, saveRecord } from '../state/record.ts';
import type { Secrets } from '../core/secret.ts';
import { type Hosts, openHosts } from '../transport/connect.ts';
import { createSecrets } from '../transport/secrets.ts';
import type { Heading } from '../ui/heading.ts';
import { broadcast, type UiListener } from '../ui/listener.ts';
import type { Globals } from './globals.ts';
import { checkIdentity } from './identity.ts';
import type { Io } from './io.ts';
import { newRun } from './run-id.ts';
import { target } from './target.ts';

/** Everything a command works with: what the file says, what the state remembers, the machines, the engine. */
export interface Session {
  readonly name: string;
  /** Nothing where only the state is known. */
  readonly cluster: Cluster | undefined;
  readonly blueprint: Blueprint | undefined;
  /** The file's, or nothing. */
  readonly plan: Plan;
  readonly heading: Heading;
  readonly engine: Engine;
  readonly facts: Facts;
  readonly hosts: Hosts;
  readonly record: ClusterRecord;
  readonly paths: ClusterPaths;
  readonly listen: (more: UiListener) => void;
  readonly secrets: Secrets;
  /** Says what is doubtful about the file; for commands that are about the file. */
  readonly warn: () => void;
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Whether the command can do without the cluster file: `down`, `runs`, `forget`, `rollback`. */
  readonly fileless?: boolean;
}

/** Opens a cluster for reading. `openRun` is the same with a lock, a run and a log. */
export async function openSession(globals: Globals, io: Io, options: SessionOptions = {}): Promise<Session> {
  const { name, file, cluster, blueprint, warnings } = await target(globals, io, options);
  const paths = clusterPaths(stateRoot(globals.stateDir, io.env), name);
  const record = loadRecord(paths.record, name);
  const [{ fileJournal }, { revive }, { progressListener }] = await Promise.all([
    import('../state/journal.ts'),
    import('../steps/index.ts'),
    import('../ui/choose.ts'),
  ]);
  let hear: (event: Event) => void = () => {};
  const emit = (event: Event): void => hear(event);
  const secrets = createSecrets({ env: io.env, emit, terminal: isTerminal(io), signal: io.interrupted });
  const plan = blueprint?.plan ?? nothing(name);
  const progress = await progressListener({
    progress: globals.progress,
    verbose: globals.verbose ?? false,
    noColor: !globals.color,
    redact: (text) => secrets.redact(text),
    phases: plan.phases.map((phase) => phase.name),
    stream: io.stderr as NodeJS.WriteStream,
    env: io.env,
  });
  const listeners: UiListener[] = [progress];
  hear = (event) => broadcast(listeners)(event);

  const table: HostTable = { ...record.hosts, ...blueprint?.hosts };
  const hosts = openHosts(table, {
    secrets,
    emit,
    signal: io.interrupted,
    knownHosts: paths.knownHosts,
    acceptNew: globals.acceptNewHostKeys ?? false,
  });
  const units: Record<string, string> = { ...record.units };
  const identity = async (key: string): Promise<string> => {
    const known = table[key]?.identity ?? units[key];
    if (known !== undefined) return known;
    units[key] = await hosts.identity(key);
    return units[key];
  };
  // what is needed to find the places again is on disk before the first intent is
  const journal = remembering(fileJournal(paths.journal), () =>
    saveRecord(paths.record, { ...record, hosts: table, units }),
  );
  const engine: Engine = {
    ctx: { host: hosts.host, identity, secret: (ref) => secrets.reveal(ref), signal: io.interrupted },
    journal,
    emit,
    revive,
    parallel: globals.parallel,
    clock: () => performance.now() / 1000,
    ...(globals.timeout === undefined ? {} : { patience: globals.timeout * 1000 }),
  };
  const facts = new Facts(engine.ctx);
  if (blueprint) await checkIdentity(blueprint, record, facts);
  return {
    name,
    cluster,
    blueprint,
    plan,
    heading: heading(name, blueprint, record, file),
    engine,
    facts,
    hosts,
    record,
    paths,
    listen: (more) => {
      listeners.push(more);
    },
    secrets,
    warn: () => {
      for (const text of warnings) emit({ type: 'warning', text });
    },
    close: async () => {
      await hosts.closeAll();
      await Promise.all(listeners.map((each) => each.close()));
    },
  };
}

/** A session that may change things: it holds the cluster's lock, and its run has an id and a log. */
export interface Run extends Session {
  readonly run: string;
}

export async function openRun(
  globals: Globals,
  io: Io,
  command: RunCommand,
  options: SessionOptions = {},
): Promise<Run> {
  const session = await openSession(globals, io, options);
  const { paths, engine, name } = session;
  const { takeLock } = await import('../state/lock.ts');
  const { logFileListener } = await import('../ui/log-file.ts');
  try {
    const release = takeLock(paths.lock, command);
    const run = newRun(engine.journal);
    for (const path of [paths.log(run), ...(globals.logFile === undefined ? [] : [globals.logFile])])
      session.listen(logFileListener({ path, redact: (text) => session.secrets.redact(text) }));
    engine.journal.begin({ run, command, user: userInfo().username, machine: hostname() });
    engine.emit({ type: 'run.start', run, command, cluster: name });
    return {
      ...session,
      run,
      close: async () => {
        release();
        await session.close();
      },
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

export const isTerminal = ({ stdin, stderr }: Io): boolean => stdin.isTTY === true && stderr.isTTY === true;

function remembering(journal: Journal, remember: () => void): Journal {
  return {
    ...journal,
    intend: (...words) => {
      remember();
      journal.intend(...words);
    },
  };
}

const heading = (
  cluster: string,
  blueprint: Blueprint | undefined,
  { hosts }: ClusterRecord,
  file: string | undefined,
): Heading => ({
  cluster,
  provider: blueprint?.provider ?? '',
  nodes: blueprint?.nodes?.length ?? 0,
  routers: blueprint?.routers.length ?? Object.keys(hosts).length,
  ...(file === undefined ? {} : { file }),
});
