import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import pLimit from 'p-limit';
import type { Client, ClientChannel, ExecOptions as Ssh2ExecOptions } from 'ssh2';
import { quoteForAnyShell } from '../core/quote.ts';
import type { Connection, ExecOptions, Running } from '../core/transport.ts';
import { collect } from './collect.ts';
import { dialogue } from './dialogue.ts';
import { feed } from './feed.ts';
import type { Dialled } from './ssh/dial.ts';
import { lost, unreachable } from './ssh/errors.ts';
import { kill, MARK } from './ssh/kill.ts';
import type { SshLink } from './ssh/link.ts';
import { TERMINAL } from './terminal.ts';

/** sshd admits 10 sessions on a connection (MaxSessions); other programs of the user's may share it some day. */
const SESSIONS = 8;

/** A machine reached by SSH. Every command is a session of its own on the one connection; `line` writes it for the shell of the login. */
export function ssh(link: SshLink, line: (argv: readonly string[]) => string = quoteForAnyShell): Connection {
  const { name } = link;
  const sessions = pLimit(SESSIONS);

  /** Holds a place among the sessions until `use` is done with the channel. */
  const session = async <Result>(
    argv: readonly string[],
    { signal, ...options }: Ssh2ExecOptions & Pick<ExecOptions, 'signal'>,
    use: (session: Session) => Promise<Result>,
  ): Promise<Result> => {
    let renewed = false;
    for (;;) {
      const result = await sessions(async () => {
        signal?.throwIfAborted();
        const dialled = await link.connect();
        const opened = await openSession(dialled, line(argv), options);
        if (!(opened instanceof Error)) return { of: await use(opened) };
        if (!isRefusal(opened)) throw lost(await link.whom(), `the start of ${argv[0]}`, opened);
        // Fewer sessions than usual, or programs that did not end when they were told hold them.
        if (sessions.activeCount > 1) sessions.concurrency = sessions.activeCount - 1;
        else if (renewed) throw unreachable(await link.whom(), `no session: ${opened.message}`, opened);
        else {
          renewed = true;
          link.drop(dialled);
        }
        return undefined;
      });
      if (result) return result.of;
    }
  };

  const running = ({ client, channel, exit }: Session, argv: readonly string[], mark: string): Running => ({
    stdout: channel,
    stderr: channel.stderr,
    ended: exit.then(async (code) => {
      if (code === undefined) throw lost(await link.whom(), argv[0] ?? '', link.trouble);
      return code;
    }),
    kill: () => kill(client, channel, mark),
  });

  return {
    name,
    exec: async (argv, { stdin, ...options } = {}) => {
      const { signal } = options;
      signal?.throwIfAborted();
      const mark = randomBytes(16).toString('hex');
      return unlessAborted(
        signal,
        session(argv, { env: { [MARK]: mark }, ...(signal && { signal }) }, async (opened) => {
          feed(opened.channel, stdin);
          return collect(running(opened, argv, mark), { host: name, argv }, options);
        }),
      );
    },
    start: (argv) => {
      const mark = randomBytes(16).toString('hex');
      return new Promise<Running>((resolve, reject) => {
        session(argv, { env: { [MARK]: mark } }, async (opened) => {
          opened.channel.end('');
          resolve(running(opened, argv, mark));
          await opened.exit;
        }).catch(reject);
      });
    },
    open: (argv) =>
      new Promise<Duplex>((resolve, reject) => {
        session(argv, { pty: TERMINAL }, async (opened) => {
          const { channel } = opened;
          // What comes there belongs to a program without a terminal.
          channel.stderr.resume();
          const { ended } = running(opened, argv, '');
          // the channel's own end would not tell a program that has left from a connection that broke
          resolve(dialogue({ stdin: channel, stdout: channel, ended, kill: () => channel.close() }));
          await opened.exit;
        }).catch(reject);
      }),
    identity: async () => (await link.connect()).fingerprint,
    close: () => link.close(),
  };
}

interface Session {
  readonly client: Client;
  readonly channel: ClientChannel;
  /** Nothing when the connection broke before the program had ended. */
  readonly exit: Promise<number | undefined>;
}

function openSession({ client }: Dialled, command: string, options: Ssh2ExecOptions): Promise<Session | Error> {
  return new Promise((resolve) => {
    try {
      // A quick program's end comes in the same packet as its start: whoever listens later has missed it.
      client.exec(command, options, (error, channel) => resolve(error ?? { client, channel, exit: exitCode(channel) }));
    } catch (error) {
      // It was lost in this very moment.
      resolve(error as Error);
    }
  });
}

/** Whether the server spoke, and said no. */
const isRefusal = (error: Error): boolean => 'reason' in error;

const exitCode = (channel: ClientChannel): Promise<number | undefined> =>
  new Promise((resolve) => {
    let ended: number | undefined;
    channel.on('exit', (code: number | null, signal?: string) => {
      ended = code ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
    });
    channel.on('close', () => resolve(ended));
  });

/** Whoever waits for a connection, or for a place, need not do so after Ctrl-C. */
function unlessAborted<Result>(signal: AbortSignal | undefined, work: Promise<Result>): Promise<Result> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
