import { tmshShow } from '../../../drivers/tmsh.ts';

/** What a unit says of the pair that it may be one of. */
export const PAIR_QUESTIONS = [tmshShow('cm', 'failover-status'), tmshShow('cm', 'sync-status')] as const;

export interface Pair {
  /** `standby`, `forced offline`; nothing where it does not say. */
  readonly role?: string;
  /** `In Sync`, `Changes Pending`; nothing where it stands alone, or does not say. */
  readonly sync?: string;
}

export function pairIn(failover: string, sync: string): Pair {
  const [role, status] = [statusIn(failover)?.toLowerCase(), statusIn(sync)];
  return {
    ...(role === undefined ? {} : { role }),
    ...(status === undefined || status === 'Standalone' ? {} : { sync: status }),
  };
}

const statusIn = (shown: string): string | undefined => /^Status +(\S.*?)\s*$/m.exec(shown)?.[1];

/** What whoever changes a unit should know of its pair; `alone`: nobody has spoken of another unit. */
export function pairNotes(unit: string, { role, sync }: Pair, alone: boolean): readonly string[] {
  const which = role === undefined ? '' : ` (${role})`;
  return [
    ...(role === 'forced offline' ? [`${unit} is forced offline`] : []),
    ...(sync !== undefined && alone
      ? [`${unit} is one of a pair${which}, and its peer is not in the plan: config-sync carries no BGP there`]
      : []),
    ...(sync !== undefined && sync !== 'In Sync'
      ? [`${unit}${which} says "${sync}" of its pair: changes wait for config-sync, which cpaas leaves to you`]
      : []),
  ];
}
