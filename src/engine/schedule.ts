import pLimit, { type LimitFunction } from 'p-limit';
import { grouped } from '../core/grouped.ts';
import type { Step } from '../core/step.ts';
import type { LostHosts } from './lost-hosts.ts';

/**
 * Hosts in parallel, as far as `limit` lets them, each with its own of the items. A failure lets the others finish; then all failures are
 * told.
 */
export async function hostByHost<T extends { readonly step: Step }>(
  items: readonly T[],
  limit: LimitFunction,
  act: (own: readonly T[], host: string) => Promise<void>,
): Promise<void> {
  const ends = await Promise.allSettled(
    [...grouped(items, ({ step }) => step.host)].map(([host, own]) => limit(() => act(own, host))),
  );
  throwFailures(
    ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : [])),
    'hosts failed',
  );
}

/** Hosts in parallel, the steps of one host in order, and `after` once all steps of a host have gone well. */
export const eachHost = <T extends { readonly step: Step }>(
  items: readonly T[],
  lost: LostHosts,
  parallel: number,
  act: (item: T) => Promise<void>,
  after: (items: readonly T[]) => Promise<void> = async () => {},
): Promise<void> =>
  hostByHost(items, pLimit(parallel), async (own, host) => {
    const reached = (error: unknown): void => lost.note(host, error);
    for (const item of own) {
      if (lost.why(host)) return;
      await act(item).catch(reached);
    }
    if (!lost.why(host)) await after(own).catch(reached);
  });

/** Throws what went wrong: one failure as it is, several together. */
export function throwFailures(failures: readonly unknown[], what: string): void {
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, `${failures.length} ${what}`);
}
