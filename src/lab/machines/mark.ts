import { CpaasError } from '../../core/errors.ts';
import type { Sight } from './look.ts';

/** What a namespace of a lab says of itself, on its loopback interface: it is known by that when everything else is lost. */
export const markOf = (lab: string): string => `cpaas lab ${lab}`;

/** Writes the mark, in a batch of `ip`. */
export const markLines = (lab: string): readonly string[] => [`link set lo alias "${markOf(lab)}"`];

/**
 * Rejects with `LAB.NAMESPACE` when one of the namespaces seen is somebody else's. `ours` are names that were written down before
 * they were made: a supervisor that died in the act may have left them without a mark.
 */
export function refuseForeign(lab: string, seen: ReadonlyMap<string, Sight>, ours: ReadonlySet<string>): void {
  const foreign = [...seen].filter(
    ([name, { mark }]) => mark !== markOf(lab) && (mark !== undefined || !ours.has(name)),
  );
  if (foreign.length === 0) return;
  const names = foreign.map(([name]) => name).join(', ');
  throw new CpaasError('LAB.NAMESPACE', `${names}: there is such a network namespace, and it is not the lab's`, {
    evidence: foreign.map(([name, { mark }]) => ({ label: name, text: mark ?? 'bears no mark' })),
    next: [{ label: 'see which there are, or give the lab another name', command: 'ip netns list' }],
  });
}
