import { readFile } from 'node:fs/promises';
import ssh2, { type AnyAuthMethod, type AuthenticationType, type ParsedKey } from 'ssh2';
import type { SshHost } from '../../core/host-spec.ts';
import type { Secrets } from '../../core/secret.ts';
import { AgentOfFiles } from './agent.ts';
import type { SshTarget } from './config.ts';

/** One way to log in. `make` may have to ask for a secret; nothing when it turns out that there is nothing to offer. */
export interface Attempt {
  readonly method: AuthenticationType;
  /** `password`, `key ~/.ssh/id_ed25519`. */
  readonly what: string;
  make(): Promise<AnyAuthMethod | { readonly not: string }>;
}

/**
 * Every way that we have, in the order to try them: what the cluster file names before what the user's configuration offers, since
 * servers count the attempts.
 */
export function attempts(target: SshTarget, reach: SshHost, secrets: Pick<Secrets, 'reveal'>): readonly Attempt[] {
  const username = target.user;
  const password = async () => (reach.password ? secrets.reveal(reach.password) : '');
  const passphrase = async () => (reach.passphrase ? secrets.reveal(reach.passphrase) : undefined);

  const key = (file: string): Attempt => ({
    method: 'publickey',
    what: `key ${file}`,
    make: async () => {
      const loaded = await loadKey(file, passphrase);
      return 'not' in loaded ? loaded : { type: 'publickey', username, key: loaded.key };
    },
  });
  const agent = (socket: string): Attempt => ({
    method: 'publickey',
    what: 'agent',
    make: async () => ({
      type: 'agent',
      username,
      agent: target.identitiesOnly ? new AgentOfFiles(socket, target.defaultIdentityFiles) : socket,
    }),
  });

  return [
    ...target.identityFiles.map(key),
    ...(reach.password
      ? [
          {
            method: 'password' as const,
            what: 'password',
            make: async () => ({ type: 'password' as const, username, password: await password() }),
          },
          {
            method: 'keyboard-interactive' as const,
            what: 'password',
            make: async () => answering(username, await password()),
          },
        ]
      : []),
    ...(target.agent ? [agent(target.agent)] : []),
    ...target.defaultIdentityFiles.map(key),
  ];
}

/** Many servers ask for the password in this way only. A second question (a code) is not the password, and stays without an answer. */
function answering(username: string, password: string): AnyAuthMethod {
  return {
    type: 'keyboard-interactive',
    username,
    prompt: (_name, _instructions, _language, prompts, finish) =>
      finish(prompts.length === 1 && prompts[0]?.echo !== true ? [password] : prompts.map(() => '')),
  };
}

async function loadKey(
  file: string,
  passphrase: () => Promise<string | undefined>,
): Promise<{ readonly key: ParsedKey } | { readonly not: string }> {
  const text = await readFile(file).catch((error: NodeJS.ErrnoException) => error);
  if (text instanceof Error) return { not: text.code === 'ENOENT' ? 'not there' : text.message };
  const open = ssh2.utils.parseKey(text);
  if (!(open instanceof Error)) return { key: open };
  if (!/encrypted/i.test(open.message)) return { not: open.message };
  const phrase = await passphrase();
  if (phrase === undefined) return { not: 'encrypted, and no passphrase is referred to' };
  const decrypted = ssh2.utils.parseKey(text, phrase);
  return decrypted instanceof Error ? { not: 'encrypted with another passphrase' } : { key: decrypted };
}

/** What came of logging in, for the error that says it failed. */
export interface AuthLog {
  /** Methods that the server offered last. */
  offered: readonly string[];
  readonly tried: string[];
  /** What we have, but could not offer, with the reason. */
  readonly unused: string[];
}

/**
 * Picks the attempts one by one, as the server's answers allow. Starts with none, which only asks what the server offers. A password that
 * was refused is not offered in another way: systems lock users out.
 */
export async function* logins(
  all: readonly Attempt[],
  username: string,
  log: AuthLog,
): AsyncGenerator<AnyAuthMethod, void, readonly AuthenticationType[]> {
  let offered = yield { type: 'none', username };
  const left = [...all];
  for (;;) {
    log.offered = offered;
    const at = left.findIndex(({ method, what }) => offered.includes(method) && !log.tried.includes(what));
    const [attempt] = at < 0 ? [] : left.splice(at, 1);
    if (attempt === undefined) return;
    const made = await attempt.make();
    if ('not' in made) {
      log.unused.push(`${attempt.what}: ${made.not}`);
      continue;
    }
    log.tried.push(attempt.what);
    offered = yield made;
  }
}
