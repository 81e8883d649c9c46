import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { SshHost } from '../../src/core/host-spec.ts';

/** Root's password at every server of these tests, and its entry in a shadow file. Quotes and dollars, to see that they arrive. */
export const PASSWORD = `it's $(open) sesame`;
const SHADOW = '$6$cpaastest$RfRKAO/Ho4Y8Vgx6EThserYcFKY//AGZhH6qZicFWyiXYNeBPyt3xSQh1fAuU72a9OpX2s6T/aYJtdhOOHAE50';

/** Why a real sshd cannot be had here; nothing when it can. */
export const noSshd: string | undefined = (() => {
  if (process.getuid?.() !== 0) return 'only root can start sshd with a password file of its own';
  try {
    execFileSync('sh', ['-c', 'command -v sshd ssh-keygen && unshare --mount true']);
    return undefined;
  } catch {
    return 'sshd (openssh-server) or mount namespaces are missing';
  }
})();

export interface Sshd {
  readonly port: number;
  readonly folder: string;
  /** Private keys that root may log in with; `encrypted` has the passphrase `locked`. */
  readonly key: string;
  readonly encrypted: string;
  /** A key that the server does not know. */
  readonly stranger: string;
  /** A known_hosts file with the server's own ed25519 key. */
  readonly knownHosts: string;
  /** Public host key, of the type. */
  hostKey(type: HostKeyType): string;
  /** Writes a file beside the others. */
  file(name: string, content: string): string;
  reach(more?: Partial<SshHost>): SshHost;
  /** Resolves once so many lines of the server's log match: it answers before it writes them. */
  logs(pattern: RegExp, count: number): Promise<void>;
  stop(): Promise<void>;
}

type HostKeyType = 'ed25519' | 'rsa' | 'ecdsa';

/**
 * A real OpenSSH server on 127.0.0.1, at a port that was free. Its users and passwords stand in files that only it sees: the
 * machine's own are not touched. `options` are lines of sshd_config.
 */
export async function startSshd({
  hostKeys = ['ed25519'],
  options = [],
  inside = [],
  port,
  pam,
}: {
  readonly hostKeys?: readonly HostKeyType[];
  readonly options?: readonly string[];
  /** Words before the command, such as `ip netns exec NAMESPACE`. */
  readonly inside?: readonly string[];
  readonly port?: number;
  /** Lines of /etc/pam.d/sshd: then PAM asks, by keyboard-interactive alone. */
  readonly pam?: readonly string[];
} = {}): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'cpaas-sshd-'));
  const path = (name: string) => join(folder, name);
  const keygen = (name: string, type: HostKeyType, passphrase = '') => {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', path(name)]);
    return path(name);
  };
  const publicKey = (name: string) => readFileSync(path(`${name}.pub`), 'utf8');
  const file = (name: string, content: string) => {
    writeFileSync(path(name), content, { mode: 0o600 });
    return path(name);
  };
  for (const type of hostKeys) keygen(`host_${type}`, type);
  const [key, encrypted, stranger] = [
    keygen('key', 'ed25519'),
    keygen('encrypted', 'ed25519', 'locked'),
    keygen('stranger', 'ed25519'),
  ];
  file('authorized', publicKey('key') + publicKey('encrypted'));
  const shadow = readFileSync('/etc/shadow', 'utf8').replace(/^root:[^:]*:/m, () => `root:${SHADOW}:`);
  file('shadow', shadow);
  // A home and a shell of its own: what the machine's owner has in .bashrc is no part of the test.
  const passwd = readFileSync('/etc/passwd', 'utf8').replace(/^root:.*$/m, `root:x:0:0:root:${folder}:/bin/sh`);
  file('passwd', passwd);
  const at = port ?? (await freePort());
  file(
    'config',
    [
      `Port ${at}`,
      'ListenAddress 127.0.0.1',
      ...hostKeys.map((type) => `HostKey ${path(`host_${type}`)}`),
      `AuthorizedKeysFile ${path('authorized')}`,
      'StrictModes no',
      'PermitRootLogin yes',
      ...(pam ? ['UsePAM yes', 'PasswordAuthentication no', 'KbdInteractiveAuthentication yes'] : ['UsePAM no']),
      'PrintMotd no',
      'AcceptEnv LANG LC_*',
      'PrintLastLog no',
      'LogLevel VERBOSE',
      `PidFile none`,
      ...options,
      'MaxStartups 100',
    ].join('\n'),
  );
  mkdirSync(path('pam.d'));
  file('pam.d/sshd', `${(pam ?? []).join('\n')}\n`);
  // A /run of its own as well: sshd wants /run/sshd, which is the machine's to make.
  const enter =
    'mount --bind "$0/shadow" /etc/shadow && mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/pam.d" /etc/pam.d && mount -t tmpfs none /run && mkdir -m 755 /run/sshd && exec "$@"';
  const server = [...inside, 'unshare', '--mount', 'sh', '-c', enter, folder];
  const [program = '', ...args] = [...server, '/usr/sbin/sshd', '-D', '-e', '-f', path('config')];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      if (log.includes('Server listening')) resolve();
    });
    child.once('close', () => reject(new Error(`sshd did not start: ${log}`)));
  });
  const hostKey = (type: HostKeyType) => publicKey(`host_${type}`).split(' ').slice(0, 2).join(' ');
  const knownAs = at === 22 ? '127.0.0.1' : `[127.0.0.1]:${at}`;
  const knownHosts = file('known_hosts', `${knownAs} ${hostKey(hostKeys[0] ?? 'ed25519')}\n`);
  return {
    port: at,
    folder,
    key,
    encrypted,
    stranger,
    knownHosts,
    hostKey,
    file,
    reach: (more) => ({
      via: 'ssh',
      host: '127.0.0.1',
      port: at,
      user: 'root',
      identityFiles: [key],
      knownHosts: [knownHosts],
      ...more,
    }),
    logs: (pattern, count) =>
      vi.waitFor(() => expect(log.split('\n').filter((line) => pattern.test(line))).toHaveLength(count), {
        timeout: 30_000,
      }),
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** A port of 127.0.0.1 where nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
