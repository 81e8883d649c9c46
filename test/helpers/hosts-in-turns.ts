import type { HostTable } from '../../src/core/host-spec.ts';
import type { Connection, Output } from '../../src/core/transport.ts';
import type { Hosts } from '../../src/transport/connect.ts';
import { asHost } from '../../src/transport/host.ts';
import type { SimulatedAnswer } from './simulated-hosts.js';

/** Turns of the event loop in which nobody has asked anything more. */
const QUIET = 50;

/**
 * Hosts that all answer at once, when nobody has more to ask before he is answered: what a run asks of each in how many requests is what
 * it has to ask after an answer, and nothing of chance. `requests`: by host.
 */
export function hostsInTurns(
  table: HostTable,
  answer: (key: string, argv: readonly string[]) => string | SimulatedAnswer,
): Pick<Hosts, 'host' | 'identity' | 'add'> & { readonly requests: ReadonlyMap<string, number> } {
  const requests = new Map<string, number>();
  let waiting: (() => void)[] = [];
  let quiet = 0;
  const turn = (): void => {
    if (++quiet < QUIET) {
      setImmediate(turn);
      return;
    }
    const all = waiting;
    waiting = [];
    for (const go of all) go();
  };
  const request = (key: string): Promise<void> => {
    requests.set(key, (requests.get(key) ?? 0) + 1);
    quiet = 0;
    if (waiting.length === 0) setImmediate(turn);
    return new Promise((resolve) => waiting.push(resolve));
  };
  const output = (key: string, argv: readonly string[]): Output => {
    const said = answer(key, argv);
    return { stdout: '', stderr: '', code: 0, ...(typeof said === 'string' ? { stdout: said } : said) };
  };
  const connection = (key: string): Connection => ({
    name: table[key]?.name ?? key,
    exec: async (argv) => {
      await request(key);
      return output(key, argv);
    },
    execAll: async (commands) => {
      await request(key);
      return commands.map((argv) => output(key, argv));
    },
    start: () => Promise.reject(new Error(`${key}: nothing goes on here`)),
    open: () => Promise.reject(new Error(`${key}: nobody is spoken with here`)),
    close: async () => {},
  });
  const hosts = new Map(Object.keys(table).map((key) => [key, asHost(connection(key))]));
  return {
    requests,
    host: (key) => hosts.get(key) ?? asHost(connection(key)),
    identity: async (key) => key,
    add: () => {},
  };
}
