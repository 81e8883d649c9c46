import { isUnreachable } from '../core/errors.ts';
import type { Connection } from '../core/transport.ts';

/**
 * Machines of which any will do that has a file: what is said goes to the first that can be reached and has it, in their order, or to
 * the first that can be reached where none has it, and stays with that one. A command that was cut off is never put to another one.
 */
export function any(name: string, having: string, machines: () => readonly Connection[]): Connection {
  let chosen: Promise<Connection> | undefined;
  const machine = (): Promise<Connection> => {
    chosen ??= choose(machines(), having).catch((error: unknown) => {
      chosen = undefined;
      throw error;
    });
    return chosen;
  };
  return {
    name,
    exec: async (argv, options) => (await machine()).exec(argv, options),
    start: async (argv) => (await machine()).start(argv),
    open: async (argv) => (await machine()).open(argv),
    // whoever has made them ends them
    close: async () => {},
  };
}

/** Rejects as the first one does where none can be reached. */
async function choose(machines: readonly Connection[], having: string): Promise<Connection> {
  const failures: unknown[] = [];
  let empty: Connection | undefined;
  for (const machine of machines)
    try {
      if ((await machine.exec(['test', '-e', having])).code === 0) return machine;
      empty ??= machine;
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      failures.push(error);
    }
  if (empty) return empty;
  throw failures[0];
}
