import { CpaasError } from '../core/errors.ts';
import type { Phase } from '../core/plan.ts';
import { quoteAll } from '../core/quote.ts';
import type { Looked, SurveyedPhase } from './looked.ts';

/** A part of a plan. */
export interface Only {
  /** Whether a step is of it. */
  readonly item: (item: Pick<Looked, 'step' | 'stage'>) => boolean;
  /** Whether a phase that is not spelled out yet may have steps of it. */
  readonly phase: (phase: Pick<Phase, 'name' | 'kinds'>) => boolean;
  /** Whether a phase can have nothing of it, which is known before its steps are. Then it is looked at only where another needs it. */
  readonly spares?: (phase: Pick<Phase, 'kinds'>) => boolean;
  /** As the user named it, where he did. */
  readonly name?: string;
}

/** All of a plan. */
export const everything: Only = { item: () => true, phase: () => true };

/** A part by the name of a phase, or by a step's kind, id or title, whatever the case. */
export function onlyNamed(name: string): Only {
  const wanted = name.toLowerCase();
  const is = (text: string): boolean => text.toLowerCase() === wanted;
  return {
    name,
    item: ({ step, stage }) => [stage.name, step.kind, step.id, step.title].some(is),
    // a title is known only with its step
    phase: ({ name, kinds }) => is(name) || kinds.some((kind) => is(kind) || wanted.startsWith(`${kind}:`)),
  };
}

/** The steps of some kinds. */
export const onlyKinds = (chosen: (kind: string) => boolean): Only => ({
  item: ({ step }) => chosen(step.kind),
  phase: ({ kinds }) => kinds.some(chosen),
  spares: ({ kinds }) => !kinds.some(chosen),
});

/** Rejects with `USAGE.ONLY` the name of a part that is nowhere in the plan. */
export function mustChoose(only: Only, phases: readonly SurveyedPhase[], items: readonly Looked[]): void {
  const { name } = only;
  const may = phases.some(({ phase, looked }) => looked.length === 0 && only.phase(phase));
  if (name === undefined || may || items.some(only.item)) return;
  throw new CpaasError('USAGE.ONLY', `there is no phase and no step "${name}" in this plan`, {
    evidence: [
      { label: 'phases', text: phases.map(({ phase }) => phase.name).join(', ') },
      { label: 'steps', text: [...new Set(phases.flatMap(({ phase }) => phase.kinds))].join(', ') },
    ],
    next: phases
      .slice(0, 1)
      .map(({ phase }) => ({ label: 'for example', command: `cpaas up --only ${quoteAll([phase.name])}` })),
  });
}
