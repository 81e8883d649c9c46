import { CpaasError, type Evidence, flatten, isUnreachable } from '../core/errors.ts';
import type { Conflict } from '../core/reconcile.ts';
import type { Step } from '../core/step.ts';
import type { Survey, SurveyedPhase } from './looked.ts';
import type { Only } from './only.ts';
import { throwFailures } from './schedule.ts';

interface Refused {
  readonly step: Step;
  readonly conflicts: readonly Conflict[];
}

/** Nothing starts while something in the plan must not, or cannot be known. Hosts out of reach are left out of the run instead. */
export function refuse(phases: readonly SurveyedPhase[], only: Only, done: boolean): void {
  const chosen = phases.filter(({ phase, looked }) => looked.length > 0 || only.phase(phase));
  const refused = chosen
    .flatMap(({ looked }) => looked)
    .filter(only.item)
    .flatMap(({ step, found }): Refused[] => (found?.conflicts.length ? [{ step, conflicts: found.conflicts }] : []));
  // all of it at once: whoever mends one thing should not meet the next only then
  throwFailures(
    [...unknowns(chosen, only), ...(refused.length > 0 ? [conflictError(refused, done)] : [])],
    'places stand in the way',
  );
}

/** What could not be read, besides hosts that are out of reach: each failure once. */
function unknowns(phases: readonly SurveyedPhase[], only: Only): readonly unknown[] {
  const all = phases.flatMap(({ error, looked }) => [
    ...(error === undefined ? [] : flatten(error)),
    ...looked.filter(only.item).flatMap(({ failure }) => (failure === undefined ? [] : flatten(failure))),
  ]);
  return [...new Set(all)].filter((failure) => !isUnreachable(failure));
}

/** The same of a whole survey, leftovers included: what `plan` has to say besides its document. */
export const troublesOf = ({ phases, leftovers }: Survey, only: Only): readonly unknown[] => [
  ...new Set([
    ...unknowns(phases, only),
    ...leftovers.asked.flatMap(({ failure }) =>
      failure === undefined || isUnreachable(failure) ? [] : flatten(failure),
    ),
  ]),
];

/** Somebody else's value stands where ours should be, or what must exist does not. `done`: something was changed before. */
export function conflictError(refused: readonly Refused[], done: boolean): CpaasError {
  const all = refused.flatMap(({ step, conflicts }) =>
    conflicts.map(({ key, why, code = 'STEP.CONFLICT' }) => ({ title: step.title, key, why, code })),
  );
  const [first] = all;
  const more = all.length > 1 ? ` (and ${all.length - 1} more)` : '';
  const what = done ? 'what was done before stays; ' : '';
  // one cause has its own page; several have one in common
  const code = first && all.every((each) => each.code === first.code) ? first.code : 'STEP.CONFLICT';
  return new CpaasError(code, `${what}${first?.title}: ${first?.why}${more}`, {
    // what the sentence says already is not said again
    evidence: all.length > 1 ? all.map(({ key, why }) => ({ label: key, text: why })) : keyOf(first),
    next: [{ label: 'shows all of it', command: 'cpaas plan' }],
  });
}

const keyOf = (one: Conflict | undefined): readonly Evidence[] =>
  one && !one.why.includes(one.key) ? [{ label: 'at', text: one.key }] : [];
