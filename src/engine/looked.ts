import type { Holding } from '../core/journal.ts';
import type { Phase } from '../core/plan.ts';
import type { Step } from '../core/step.ts';
import type { Stage } from './engine.ts';
import type { Look } from './look.ts';

/** A step and what was found there; or why nothing could be. */
export interface Looked {
  readonly step: Step;
  readonly stage: Stage;
  readonly found?: Look;
  readonly failure?: unknown;
}

export interface SurveyedPhase {
  readonly phase: Phase;
  readonly looked: readonly Looked[];
  /** `known after Lab`: its facts come from a phase that still has changes. */
  readonly deferred?: string;
  /** Nothing of it is asked for, and nothing that is asked for needs it: nobody has looked. */
  readonly spared?: true;
  /** Its facts could not be had. */
  readonly error?: unknown;
}

/** Places of the journal that a plan does not mention: there nothing is wanted. */
export interface Leftovers {
  /** In the order in which they are to be undone. */
  readonly asked: readonly Looked[];
  /** Places that go, or have gone, with what they stood in. They are not asked. */
  readonly inside: readonly Holding[];
}

export interface Survey {
  readonly phases: readonly SurveyedPhase[];
  readonly leftovers: Leftovers;
}
