import type { Transport } from '../core/transport.ts';
import { ETCD_DATA, LOCK } from './paths.ts';

/** Seconds that a kubeadm is waited for which a lost connection has left behind. */
const PATIENCE = 600;
/** kubeadm reads its file by name, and a session's input may be a socket, which has none: a pipe has. Secrets in it touch no disk. */
const FROM_STDIN = 'cat | "$@" --config /dev/stdin';

/** kubeadm alone on its host, with its configuration from standard input. */
export const kubeadmWithConfig = (...words: readonly string[]): readonly string[] => [
  ...locked,
  'sh',
  '-c',
  FROM_STDIN,
  'sh',
  'kubeadm',
  ...words,
];

const locked: readonly string[] = ['flock', '--wait', `${PATIENCE}`, LOCK];

/** kubeadm empties it while the kubelet still starts etcd anew, which makes it again. (measured with 1.34) */
export const NO_ETCD = ['rm', '-rf', ETCD_DATA] as const;

/** What takes a host out of its cluster. It may be repeated. `etcd`: what is there of one is the cluster's; a worker's is somebody else's. */
export const resetCommands = (criSocket: string, etcd: boolean): readonly (readonly string[])[] => [
  [...locked, 'kubeadm', 'reset', '--force', '--cri-socket', criSocket],
  ...(etcd ? [NO_ETCD] : []),
];

/** Runs them. */
export async function resetHost(machine: Transport, criSocket: string, etcd: boolean): Promise<void> {
  for (const argv of resetCommands(criSocket, etcd)) await machine.run(argv, { timeout: DEADLINE.reset });
}

/** Milliseconds: an init waits four minutes for its control plane, and images may have to come first. */
const DEADLINE = { init: 900_000, join: 600_000, reset: 600_000 } as const;

export const runKubeadm = async (
  machine: Transport,
  verb: 'init' | 'join',
  argv: readonly string[],
  stdin?: string,
): Promise<void> => {
  await machine.run(argv, { timeout: DEADLINE[verb], ...(stdin === undefined ? {} : { stdin }) });
};
