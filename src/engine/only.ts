import { CpaasError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import type { Looked } from './survey.ts';

/** A part of a plan: steps for which this is true. */
export type Only = (item: Pick<Looked, 'step' | 'stage'>) => boolean;

export const chooses = (only: Only | undefined) => (item: Looked) => only === undefined || only(item);

/** A part by the name of a phase, or by a step's kind, id or title, whatever the case. Rejects a name of neither with `USAGE.ONLY`. */
export function onlyNamed(name: string, plan: Plan): Only {
  const wanted = name.toLowerCase();
  const phases = plan.phases.map((phase) => phase.name);
  const kinds = [...new Set(plan.phases.flatMap((phase) => phase.kinds))];
  const known = [...phases, ...kinds].some((each) => each.toLowerCase() === wanted) || name.includes(':');
  if (!known)
    throw new CpaasError('USAGE.ONLY', `there is no phase and no step "${name}" in this plan`, {
      evidence: [
        { label: 'phases', text: phases.join(', ') },
        { label: 'steps', text: kinds.join(', ') },
      ],
    });
  return ({ step, stage }) =>
    [stage.name, step.kind, step.id, step.title].some((each) => each.toLowerCase() === wanted);
}

/** The steps of some kinds. */
export const onlyKinds =
  (chosen: (kind: string) => boolean): Only =>
  ({ step }) =>
    chosen(step.kind);
