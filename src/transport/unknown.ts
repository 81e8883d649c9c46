import { CpaasError } from '../core/errors.ts';
import type { Connection } from '../core/transport.ts';

/**
 * Stands for a machine that the journal names and nothing else knows any more. It is called by its key, and every call rejects with
 * `HOST.UNKNOWN`: what is there can be given up by that name.
 */
export function unknown(key: string): Connection {
  const reject = async (): Promise<never> => {
    throw new CpaasError('HOST.UNKNOWN', `nothing says any more how ${key} is reached`, {
      next: [
        { label: 'a cluster file that has this host says so again' },
        { label: 'gives up what is there', command: `cpaas forget ${key}` },
      ],
    });
  };
  return { name: key, exec: reject, start: reject, open: reject, identity: reject, close: async () => {} };
}
