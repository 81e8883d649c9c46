import { type ReadCommand, reading } from '../core/reading.ts';
import type { Transport } from '../core/transport.ts';
import { OWNER } from './paths.ts';

/** Whose a host is, whether what was begun there for that cluster has come to its end, and whether it has joined what another made. */
export interface Owner {
  readonly cluster: string;
  readonly ready: boolean;
  readonly joined: boolean;
}

export const OWNER_QUESTION: ReadCommand = reading(['cat', OWNER], { codes: [1] });

/** The cluster's name, `ready` on a second line, `joined` on a third. */
export function parseOwner(text: string): Owner | undefined {
  const [cluster = '', state, how] = text.split('\n').map((line) => line.trim());
  return cluster === '' ? undefined : { cluster, ready: state === 'ready', joined: how === 'joined' };
}

/** Written before anything else is, so that whatever a cut leaves behind is known to be ours. */
export async function markBegun(machine: Transport, cluster: string): Promise<void> {
  await machine.run(['mkdir', '-p', '-m', '0755', '/etc/kubernetes']);
  await machine.write(OWNER, `${cluster}\n`);
}

export const markReady = (machine: Transport, cluster: string, how: 'made' | 'joined'): Promise<void> =>
  machine.write(OWNER, `${cluster}\nready\n${how === 'joined' ? 'joined\n' : ''}`);
