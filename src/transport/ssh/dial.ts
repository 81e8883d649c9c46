import type { Duplex } from 'node:stream';
import ssh2, { type Client } from 'ssh2';
import type { CpaasError } from '../../core/errors.ts';
import type { SshHost } from '../../core/host-spec.ts';
import type { Secrets } from '../../core/secret.ts';
import { type AuthLog, attempts, logins } from './auth.ts';
import { authFailed, keyError, unreachable, type Whom } from './errors.ts';
import { algorithmsFor, fingerprint, judge, keysKnownFor, knownHostName, remember } from './known-hosts.ts';

export interface DialOptions {
  readonly secrets: Pick<Secrets, 'reveal'>;
  /** The cluster's own known_hosts file, asked after the user's. */
  readonly knownHosts?: string;
  /** Whether an unknown key is accepted, and kept in the cluster's own file. */
  readonly acceptNew: boolean;
  /** Milliseconds until a host that says nothing is given up. */
  readonly connectTimeout: number;
}

export interface Dialled {
  readonly client: Client;
  /** Of the host key. */
  readonly fingerprint: string;
}

/** Asked about every 15 s, a host that is gone is noticed within a minute. */
const KEEP_ALIVE = { keepaliveInterval: 15_000, keepaliveCountMax: 3 };

/** Connects, checks the host key and logs in, unless `givenUp` before. `stream` leads to the host where TCP does not. */
export async function dial(
  whom: Whom,
  reach: SshHost,
  options: DialOptions & { readonly givenUp: AbortSignal },
  stream: Duplex | undefined,
): Promise<Dialled> {
  const { target } = whom;
  const knownAs = target.alias ?? knownHostName(target.host, target.port);
  const files = [
    ...target.knownHosts,
    ...(options.knownHosts ? [options.knownHosts] : []),
    ...(reach.knownHosts ?? []),
  ];
  const known = await keysKnownFor(knownAs, files);

  if (stream?.errored) throw unreachable(whom, stream.errored.message, stream.errored);

  const client = new ssh2.Client();
  const log: AuthLog = { offered: [], tried: [], unused: [] };
  const turns = logins(attempts(target, reach, options.secrets), target.user, log);
  let hostKey: Buffer | undefined;
  let refused: CpaasError | undefined;
  let authenticating = false;

  try {
    await new Promise<void>((resolve, reject) => {
      const clock = deadline(options.connectTimeout, () =>
        reject(unreachable(whom, silence(hostKey !== undefined, options.connectTimeout))),
      );
      const settle = (act: () => void) => () => {
        clock.stop();
        act();
      };
      const giveUp = settle(() => reject(unreachable(whom, 'nobody waits for it any more')));
      options.givenUp.addEventListener('abort', giveUp, { once: true });
      if (options.givenUp.aborted) return giveUp();
      client.on('ready', settle(resolve));
      client.on('handshake', () => {
        authenticating = true;
      });
      client.on('error', (error) => {
        // An agent that is gone, a key that cannot sign: the next attempt follows by itself.
        const attemptOnly = error.level === 'agent' || /^Error (while )?signing/.test(error.message);
        if (attemptOnly) log.unused.push(error.message);
        else settle(() => reject(refused ?? failure(whom, error, authenticating, log)))();
      });
      client.on(
        'close',
        settle(() => reject(refused ?? failure(whom, undefined, authenticating, log))),
      );
      client.connect({
        host: target.host,
        port: target.port,
        username: target.user,
        ...(stream && { sock: stream }),
        // The deadline is ours, since nobody is hurried who types a passphrase.
        readyTimeout: 0,
        ...KEEP_ALIVE,
        algorithms: { serverHostKey: algorithmsFor(known) },
        hostVerifier: (key: Buffer) => {
          hostKey = key;
          refused = keyError(whom, judge(known, key), key, options.acceptNew && options.knownHosts !== undefined);
          return refused === undefined;
        },
        authHandler: (offered, _partial, next) => {
          clock.pause();
          turns.next(offered ?? []).then(
            ({ value }) => {
              clock.start();
              // The library takes false for "no more"; its types do not know.
              next((value ?? false) as Parameters<typeof next>[0]);
            },
            (error: unknown) => reject(error),
          );
        },
      });
    });
  } catch (error) {
    client.on('error', () => {});
    client.destroy();
    stream?.destroy();
    throw error;
  }
  if (hostKey === undefined) throw new Error('ssh2 connected without asking about the host key');
  if (judge(known, hostKey).verdict === 'unknown' && options.knownHosts !== undefined)
    await remember(options.knownHosts, knownAs, hostKey);
  return { client, fingerprint: fingerprint(hostKey) };
}

const silence = (answered: boolean, ms: number): string =>
  answered ? `the login did not end within ${ms / 1000} s` : `no SSH answer within ${ms / 1000} s`;

function failure(
  whom: Whom,
  error: (Error & { level?: string; code?: unknown }) | undefined,
  authenticating: boolean,
  log: AuthLog,
): CpaasError {
  if (error === undefined) return unreachable(whom, 'the other side closed the connection');
  const denied = error.level === 'client-authentication' || (authenticating && /authentication/i.test(error.message));
  return denied ? authFailed(whom, log, error) : unreachable(whom, error.message, error);
}

/** A clock that can be stopped while a person is being asked. */
function deadline(ms: number, act: () => void) {
  let clock: NodeJS.Timeout | undefined;
  let over = false;
  const pause = () => clearTimeout(clock);
  const start = () => {
    pause();
    if (!over) clock = setTimeout(act, ms);
  };
  const stop = () => {
    over = true;
    pause();
  };
  start();
  return { start, pause, stop };
}
