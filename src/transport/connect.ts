import { CpaasError } from '../core/errors.ts';
import type { Listener } from '../core/events.ts';
import type { HostSpec, HostTable, SshHost } from '../core/host-spec.ts';
import { quoteAll } from '../core/quote.ts';
import type { Secrets } from '../core/secret.ts';
import type { Connection, Transport } from '../core/transport.ts';
import { any } from './any.ts';
import { asHost } from './host.ts';
import { local } from './local.ts';
import { lookingPlainly } from './looking-plainly.ts';
import { netns } from './netns.ts';
import { record } from './record.ts';
import { redact } from './redact.ts';
import { SshLink } from './ssh/link.ts';
import { ssh } from './ssh.ts';
import { sudo } from './sudo.ts';
import { tmshLogin } from './tmsh-login.ts';
import { unknown } from './unknown.ts';
import { withGroup } from './with-group.ts';

export interface ConnectOptions {
  readonly secrets: Secrets;
  readonly emit: Listener;
  /** Ends what only looks; see `HostDefaults`. */
  readonly signal?: AbortSignal;
  /** The cluster's own known_hosts file. */
  readonly knownHosts?: string;
  /** Whether unknown host keys are accepted, and kept in that file. */
  readonly acceptNew?: boolean;
  /** Milliseconds; 10 s when left out. */
  readonly connectTimeout?: number;
  /** Milliseconds that a command gets which does not say; 60 s when left out. */
  readonly commandTimeout?: number;
  /** The user's ssh configuration, where it is not `~/.ssh/config`. */
  readonly sshConfig?: string;
}

/** The machines of a run. Each is connected to when it is first spoken to, once. */
export interface Hosts {
  /** One that is not known has its key for a name, and answers everything with `HOST.UNKNOWN`. */
  host(key: string): Transport;
  /** What makes a machine itself: as its spec says, or as its host key shows. */
  identity(key: string): Promise<string>;
  /** Makes a machine known that was not there at the start, or gives a known one another way to be reached. */
  add(key: string, spec: HostSpec): void;
  closeAll(): Promise<void>;
}

interface Known {
  /** Nothing where only the journal names it. */
  readonly spec: HostSpec | undefined;
  readonly connection: Connection;
  /** The same with the rights that its spec gives. */
  readonly rooted: Connection;
  readonly host: Transport;
}

export function openHosts(table: HostTable, options: ConnectOptions): Hosts {
  const { secrets, emit, signal, commandTimeout = 60_000 } = options;
  const known = new Map<string, Known>();
  const jumps = new Map<string, SshLink>();
  /** Connections of machines that are reached in another way by now. */
  const left: Connection[] = [];

  /** `way`: the hosts that are behind this one. */
  const link = (name: string, reach: SshHost, way: readonly string[] = []): SshLink =>
    new SshLink(name, reach, {
      secrets,
      acceptNew: options.acceptNew ?? false,
      connectTimeout: options.connectTimeout ?? 10_000,
      ...(options.knownHosts === undefined ? {} : { knownHosts: options.knownHosts }),
      ...(options.sshConfig === undefined ? {} : { sshConfig: options.sshConfig }),
      jump: (hop) => {
        const key = JSON.stringify(hop);
        if (way.includes(key)) throw circle(name, hop.host);
        const one = jumps.get(key) ?? link(hop.host, hop, [...way, key]);
        jumps.set(key, one);
        return one;
      },
    });

  const connect = ({ name, reach, tmsh }: HostSpec): Connection => {
    switch (reach.via) {
      case 'local':
        return local(name);
      case 'netns':
        return netns(name, reach.namespace, reach.path);
      case 'ssh':
        // a login may get tmsh, which has quotes of its own
        return tmsh ? ssh(link(name, reach), quoteAll) : ssh(link(name, reach));
      case 'any':
        return any(name, reach.having, () => reach.of.map((key) => get(key).rooted));
    }
  };

  const add = (key: string, spec: HostSpec): void => {
    const before = known.get(key);
    if (before && JSON.stringify(before.spec) === JSON.stringify(spec)) return;
    if (before) left.push(before.connection);
    const plain = spec.tmsh ? tmshLogin(connect(spec)) : connect(spec);
    const connection = spec.group === undefined ? plain : withGroup(plain, spec.group);
    const password = spec.sudoPassword ?? (spec.reach.via === 'ssh' ? spec.reach.password : undefined);
    const needless = spec.reach.via === 'local' && process.getuid?.() === 0;
    const rooted = spec.sudo && !needless ? sudo(connection, password && (() => secrets.reveal(password))) : connection;
    const over = (one: Connection): Transport =>
      asHost(record(one, { emit, redact: (text) => secrets.redact(text) }), {
        timeout: commandTimeout,
        ...(signal && { signal }),
      });
    const asRoot = over(rooted);
    const host = redact(spec.sudo === 'changes' ? lookingPlainly(asRoot, over(connection)) : asRoot, secrets);
    known.set(key, { spec, connection, rooted, host });
  };

  const get = (key: string): Known => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const connection = unknown(key);
    return { spec: undefined, connection, rooted: connection, host: asHost(connection) };
  };

  for (const [key, spec] of Object.entries(table)) add(key, spec);
  return {
    host: (key) => get(key).host,
    identity: async (key) => {
      const { spec, connection } = get(key);
      return spec?.identity ?? (await connection.identity?.()) ?? key;
    },
    add,
    closeAll: async () => {
      await Promise.all(
        [...left, ...[...known.values()].map(({ connection }) => connection)].map((one) => one.close()),
      );
      // Those behind first: their way leads through these.
      await Promise.all([...jumps.values()].reverse().map((one) => one.close()));
    },
  };
}

const circle = (name: string, hop: string): CpaasError =>
  new CpaasError('HOST.UNREACHABLE', `${name}: the jumps through ${hop} lead in a circle`, {
    next: [{ label: 'see the ProxyJump that ssh takes', command: `ssh -G ${hop}` }],
  });
