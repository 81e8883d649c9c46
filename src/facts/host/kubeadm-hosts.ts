import { CpaasError, isUnreachable } from '../../core/errors.ts';
import type { Fact } from '../../core/facts.ts';
import { type HostFacts, readHostFacts } from '../../kubeadm/host-facts.ts';

/** What a machine says of itself, or why it says nothing. */
export type HostAnswer =
  | { readonly host: string; readonly facts: HostFacts }
  | { readonly host: string; readonly error: CpaasError };

/** The facts of machines, by key of the host table, each asked once in one round trip, all at a time. One that fails fails no other. */
export const kubeadmHosts = (hosts: readonly string[]): Fact<readonly HostAnswer[]> => ({
  name: `kubeadm-hosts ${hosts.join(' ')}`,
  read: (ctx) =>
    Promise.all(
      hosts.map(async (host): Promise<HostAnswer> => {
        try {
          return { host, facts: await readHostFacts(ctx.host(host)) };
        } catch (error) {
          ctx.signal.throwIfAborted();
          if (error instanceof CpaasError) return { host, error };
          throw error;
        }
      }),
    ),
});

export const outOfReach = (answer: HostAnswer): boolean => 'error' in answer && isUnreachable(answer.error);
