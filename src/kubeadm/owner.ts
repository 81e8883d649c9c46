import { type ReadCommand, reading } from '../core/reading.ts';
import type { Transport } from '../core/transport.ts';
import { OWNER } from './paths.ts';

/** Whose a host is, and what it is to that cluster, as far as the mark tells: those of before the words `made` and `control-plane` do not. */
export interface Owner {
  readonly cluster: string;
  /** Whether what was begun there for the cluster has come to its end. */
  readonly ready: boolean;
  /** Whether the cluster was made there, or the host has joined what another one made. */
  readonly how?: 'made' | 'joined';
  /** Whether it is, or was to become, a control plane: an etcd there is the cluster's. */
  readonly controlPlane: boolean;
}

export const OWNER_QUESTION: ReadCommand = reading(['cat', OWNER], { codes: [1] });

/** The cluster's name, and a word on each further line. */
export function parseOwner(text: string): Owner | undefined {
  const [cluster = '', ...words] = text.split('\n').map((line) => line.trim());
  if (cluster === '') return undefined;
  const how = (['joined', 'made'] as const).find((word) => words.includes(word));
  return {
    cluster,
    ready: words.includes('ready'),
    ...(how === undefined ? {} : { how }),
    controlPlane: words.includes('control-plane'),
  };
}

/** Written before anything else is, so that whatever a cut leaves behind is known to be ours. */
export async function markBegun(
  machine: Transport,
  cluster: string,
  { how, controlPlane }: Pick<Owner, 'how' | 'controlPlane'>,
): Promise<void> {
  await machine.run(['mkdir', '-p', '-m', '0755', '/etc/kubernetes']);
  await machine.write(
    OWNER,
    mark(cluster, ['begun', ...(how === undefined ? [] : [how]), ...(controlPlane ? ['control-plane'] : [])]),
  );
}

export const markReady = (
  machine: Transport,
  cluster: string,
  { how, controlPlane }: Required<Pick<Owner, 'how' | 'controlPlane'>>,
): Promise<void> => machine.write(OWNER, mark(cluster, ['ready', how, ...(controlPlane ? ['control-plane'] : [])]));

const mark = (cluster: string, words: readonly string[]): string => `${[cluster, ...words].join('\n')}\n`;
