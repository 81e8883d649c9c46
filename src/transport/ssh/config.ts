import { execFile } from 'node:child_process';
import { homedir, userInfo } from 'node:os';
import { promisify } from 'node:util';
import { CpaasError } from '../../core/errors.ts';
import type { SshHost } from '../../core/host-spec.ts';
import { quoteAll } from '../../core/quote.ts';

/** Where and how to log in: what the cluster file says, completed by the user's ssh configuration. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Keys that the cluster file names; tried first. */
  readonly identityFiles: readonly string[];
  /** Keys of the user's configuration, present or not. */
  readonly defaultIdentityFiles: readonly string[];
  /** Only keys of `defaultIdentityFiles` may be taken from the agent. */
  readonly identitiesOnly: boolean;
  /** Socket. */
  readonly agent?: string;
  /** User certificates, which ssh2 cannot use. */
  readonly certificateFiles: readonly string[];
  readonly proxy?: Proxy;
  /** The user's own and the system's. */
  readonly knownHosts: readonly string[];
  /** `HostKeyAlias`. */
  readonly alias?: string;
}

export type Proxy =
  | { readonly by: 'command'; readonly argv: readonly string[] }
  /** As for `ssh -J`. */
  | { readonly by: 'jump'; readonly jump: string };

/**
 * Asks `ssh -G`, which knows Include, Match and the tokens; where there is no ssh, its defaults hold. Rejects with `SSH.CONFIG`.
 * `file`: for `ssh -F`.
 */
export async function resolveTarget(reach: SshHost, file?: string): Promise<SshTarget> {
  const config = await askSsh(reach, file);
  const one = (key: string): string | undefined => {
    const value = config.get(key)?.[0];
    return value === 'none' ? undefined : value;
  };
  const host = one('hostname') ?? reach.host;
  const port = reach.port ?? Number(one('port') ?? 22);
  const user = reach.user ?? one('user') ?? userInfo().username;
  const tokens = expander({ h: host, n: reach.host, p: String(port), r: user, u: userInfo().username, d: homedir() });
  const paths = (key: string) =>
    (config.get(key) ?? []).filter((path) => path !== 'none').map((path) => home(tokens(path)));
  const words = (key: string) => (config.get(key) ?? []).flatMap((line) => line.split(/\s+/)).filter(Boolean);
  const proxy = proxyOf(reach, one('proxycommand'), one('proxyjump'), tokens);
  const agent = agentSocket(one('identityagent'), config.get('identityagent')?.[0] === 'none');
  const alias = one('hostkeyalias');
  return {
    host,
    port,
    user,
    identityFiles: (reach.identityFiles ?? []).map(home),
    defaultIdentityFiles: paths('identityfile'),
    identitiesOnly: one('identitiesonly') === 'yes',
    certificateFiles: paths('certificatefile'),
    knownHosts: [...words('userknownhostsfile'), ...words('globalknownhostsfile')].map((path) => home(tokens(path))),
    ...(agent && { agent }),
    ...(proxy && { proxy }),
    ...(alias && { alias }),
  };
}

/** What ssh itself takes where nothing is configured. */
const DEFAULTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['identityfile', ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519']],
  ['userknownhostsfile', ['~/.ssh/known_hosts ~/.ssh/known_hosts2']],
  ['globalknownhostsfile', ['/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2']],
]);

async function askSsh(
  { host, port, user }: SshHost,
  file: string | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const flags = [
    ...(file === undefined ? [] : ['-F', file]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
  ];
  try {
    const { stdout } = await promisify(execFile)('ssh', ['-G', ...flags, '--', host], { encoding: 'utf8' });
    return parseSshConfig(stdout);
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string };
    if (code === 'ENOENT') return DEFAULTS;
    throw new CpaasError('SSH.CONFIG', `ssh does not understand its configuration for ${host}`, {
      cause: error,
      evidence: [{ label: 'answer', text: stderr?.trim() || String(code) }],
      next: [{ label: 'see it yourself', command: quoteAll(['ssh', '-G', '--', host]) }],
    });
  }
}

/** `ssh -G` prints a key and its value on each line; some keys come several times. */
function parseSshConfig(text: string): ReadonlyMap<string, readonly string[]> {
  const config = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^(\S+) (.+)$/.exec(line) ?? [];
    if (key && value) config.set(key, [...(config.get(key) ?? []), value]);
  }
  return config;
}

function proxyOf(
  reach: SshHost,
  command: string | undefined,
  jump: string | undefined,
  tokens: (text: string) => string,
): Proxy | undefined {
  if (reach.proxyCommand) return { by: 'command', argv: reach.proxyCommand.map(tokens) };
  if (reach.proxyJump) return { by: 'jump', jump: reach.proxyJump };
  if (jump) return { by: 'jump', jump };
  // Here the user wrote a line for a shell, and ssh gives it to one.
  if (command) return { by: 'command', argv: ['sh', '-c', `exec ${tokens(command)}`] };
  return undefined;
}

function agentSocket(configured: string | undefined, off: boolean): string | undefined {
  if (off) return undefined;
  if (configured === undefined || configured === 'SSH_AUTH_SOCK') return process.env['SSH_AUTH_SOCK'];
  return configured.startsWith('$') ? process.env[configured.slice(1)] : home(configured);
}

const home = (path: string): string => path.replace(/^~(?=\/|$)/, homedir());

const expander =
  (values: Readonly<Record<string, string>>) =>
  (text: string): string =>
    text.replace(/%([a-zA-Z%])/g, (token, letter: string) => (letter === '%' ? '%' : (values[letter] ?? token)));

/** The hosts of `ssh -J`, first hop first. */
export function parseJump(jump: string): readonly SshHost[] {
  return jump.split(',').map((hop) => {
    const [, user, bracketed, plain, port] =
      /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(hop.trim()) ?? [];
    return {
      via: 'ssh' as const,
      host: bracketed ?? plain ?? hop,
      ...(user === undefined ? {} : { user }),
      ...(port === undefined ? {} : { port: Number(port) }),
    };
  });
}
