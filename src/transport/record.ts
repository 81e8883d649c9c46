import type { Listener } from '../core/events.ts';
import { isReading } from '../core/reading.ts';
import type { Connection } from '../core/transport.ts';
import { execAll } from './batch.ts';

/** Tells of every command that is sent, as it was asked for: a batch as its commands, a command under sudo without it. */
export function record(
  connection: Connection,
  { emit, redact }: { readonly emit: Listener; redact(text: string): string },
): Connection {
  const tell = (argv: readonly string[], since: number, code?: number) =>
    emit({
      type: 'command',
      host: connection.name,
      argv: argv.map(redact),
      reads: isReading(argv),
      ...(code === undefined ? {} : { code }),
      seconds: (performance.now() - since) / 1000,
    });
  const told = async <T>(
    commands: readonly (readonly string[])[],
    act: () => Promise<T>,
    codes: (result: T) => readonly number[],
  ): Promise<T> => {
    const since = performance.now();
    let ended: readonly number[] = [];
    try {
      const result = await act();
      ended = codes(result);
      return result;
    } finally {
      for (const [at, argv] of commands.entries()) tell(argv, since, ended[at]);
    }
  };
  return {
    ...connection,
    exec: (argv, options) =>
      told(
        [argv],
        () => connection.exec(argv, options),
        ({ code }) => [code],
      ),
    execAll: (commands, options) =>
      told(
        commands,
        () => execAll(connection, commands, options),
        (outputs) => outputs.map(({ code }) => code),
      ),
    start: (argv) =>
      told(
        [argv],
        () => connection.start(argv),
        () => [],
      ),
    open: (argv) =>
      told(
        [argv],
        () => connection.open(argv),
        () => [],
      ),
  };
}
