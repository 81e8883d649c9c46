import { CpaasError } from '../../core/errors.ts';
import { UNREACHABLE } from '../../core/plan.ts';
import type { Engine } from '../../engine/engine.ts';

/**
 * Rejects with `JOURNAL.UNKNOWN_KIND` where the journal holds what another version of cpaas has made: whoever cannot undo it must not
 * change what stands on it. Looking does no harm, and giving up neither.
 */
export function mustKnowAll({ journal, revive }: Pick<Engine, 'journal' | 'revive'>): void {
  const strange = journal.holdings().filter((holding) => revive(holding).kind === UNREACHABLE);
  if (strange.length === 0) return;
  const by = (step: string): string => {
    const made = journal.runs().findLast(({ places }) => places.some((each) => each.step === step));
    return made ? `by run ${made.run}, cpaas ${made.version ?? 'unknown'}` : 'by a run of long ago';
  };
  throw new CpaasError('JOURNAL.UNKNOWN_KIND', 'the journal holds what this cpaas does not know; nothing was changed', {
    evidence: strange.map(({ step }) => ({ label: step, text: by(step) })),
    next: [
      { label: 'use the version that made it' },
      ...strange.map(({ step }) => ({ label: 'or give it up: it stays as it is', command: `cpaas forget ${step}` })),
    ],
  });
}
