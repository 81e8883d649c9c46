import type { HostSpec } from '../core/host-spec.ts';
import { enterable } from '../transport/netns.ts';

/**
 * The words that run a command on a host with this terminal; nothing where the host is another machine. Rejects with `HOST.ROOT` or
 * `HOST.UNREACHABLE` where its namespace cannot be entered: what `ip netns exec` says then is of no use to anybody.
 */
export async function argvHere(
  host: HostSpec | undefined,
  argv: readonly string[],
): Promise<readonly string[] | undefined> {
  if (host?.reach.via === 'ssh' || host?.reach.via === 'any') return undefined;
  if (host?.reach.via !== 'netns') return argv;
  const { namespace, path = [] } = host.reach;
  await enterable(host.name, namespace);
  const inside = ['env', `PATH=${[...path, process.env['PATH']].join(':')}`, ...argv];
  return ['ip', 'netns', 'exec', namespace, ...inside];
}
