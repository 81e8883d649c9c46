import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import pLimit from 'p-limit';
import type { ClientChannel, ExecOptions as Ssh2ExecOptions } from 'ssh2';
import type { Connection, ExecOptions } from '../core/transport.ts';
import { collect } from './collect.ts';
import { quoteAll } from './quote.ts';
import type { Dialled } from './ssh/dial.ts';
import { lost, unreachable } from './ssh/errors.ts';
import type { SshLink } from './ssh/link.ts';
import { TERMINAL } from './terminal.ts';

/** sshd admits 10 sessions on a connection (MaxSessions); other programs of the user's may share it some day. */
const SESSIONS = 8;

/** A machine reached by SSH. Every command is a session of its own on the one connection. */
export function ssh(link: SshLink): Connection {
  const { name } = link;
  const sessions = pLimit(SESSIONS);

  /** Holds a place among the sessions until `use` is done with the channel. */
  const session = async <Result>(
    argv: readonly string[],
    options: Ssh2ExecOptions & Pick<ExecOptions, 'signal'>,
    use: (channel: ClientChannel) => Promise<Result>,
  ): Promise<Result> => {
    for (let attempt = 1; ; attempt++) {
      const result = await sessions(async () => {
        options.signal?.throwIfAborted();
        const dialled = await link.connect();
        const channel = await openChannel(dialled, quoteAll(argv), options);
        if (!(channel instanceof Error)) return { of: await use(channel) };
        if (!isRefusal(channel)) throw lost(await link.whom(), `the start of ${argv[0]}`, channel);
        // Fewer sessions than usual, or programs that did not end when they were told hold them.
        if (sessions.activeCount > 1) sessions.concurrency = sessions.activeCount - 1;
        else if (attempt > 1) throw unreachable(await link.whom(), `no session: ${channel.message}`, channel);
        else link.drop(dialled);
        return undefined;
      });
      if (result) return result.of;
    }
  };

  return {
    name,
    exec: async (argv, { stdin, ...options } = {}) => {
      options.signal?.throwIfAborted();
      return unlessAborted(
        options.signal,
        session(argv, options.signal ? { signal: options.signal } : {}, async (channel) => {
          const ended = exitCode(channel).then(async (code) => {
            if (code === undefined) throw lost(await link.whom(), argv[0] ?? '');
            return code;
          });
          channel.end(stdin ?? '');
          const kill = () => {
            channel.signal('KILL');
            channel.close();
          };
          return collect({ stdout: channel, stderr: channel.stderr, ended, kill }, { host: name, argv }, options);
        }),
      );
    },
    open: (argv) =>
      new Promise<Duplex>((resolve, reject) => {
        session(argv, { pty: TERMINAL }, async (channel) => {
          resolve(channel);
          // What comes there belongs to a program without a terminal.
          channel.stderr.resume();
          await exitCode(channel);
        }).catch(reject);
      }),
    identity: async () => (await link.connect()).fingerprint,
    close: () => link.close(),
  };
}

function openChannel({ client }: Dialled, command: string, options: Ssh2ExecOptions): Promise<ClientChannel | Error> {
  return new Promise((resolve) => {
    try {
      client.exec(command, options, (error, channel) => resolve(error ?? channel));
    } catch (error) {
      // It was lost in this very moment.
      resolve(error as Error);
    }
  });
}

/** Whether the server spoke, and said no. */
const isRefusal = (error: Error): boolean => 'reason' in error;

/** Nothing when the connection broke before the program had ended. */
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
