import type { Writer } from '../core/context.ts';
import type { Listener, StepRef } from '../core/events.ts';
import type { Journal, Recipe } from '../core/journal.ts';
import type { Phase } from '../core/plan.ts';
import type { Step, Wanted } from '../core/step.ts';
import type { Instances } from './instances.ts';

/** What a run works with. `plan` and `status` use the same, and never get as far as the writer. */
export interface Engine {
  readonly ctx: Omit<Writer, 'progress' | 'isGoing'>;
  readonly journal: Journal;
  readonly emit: Listener;
  /** Makes a step again from what the journal holds; nothing is wanted there unless given. */
  readonly revive: (recipe: Recipe, want?: Wanted<unknown>) => Step;
  /** Which containers stand there now, as far as they were looked at. */
  readonly instances: Instances;
  /**
   * Runs what must be seen to its end once it has begun. The engine that it is given does not hear of an interrupt, and reads that
   * go on meanwhile are not cut off.
   */
  readonly uninterrupted: <T>(act: (steady: Engine) => Promise<T>) => Promise<T>;
  /** How many hosts at a time. */
  readonly parallel: number;
  /** Milliseconds to wait at a gate, instead of its own deadline. */
  readonly patience?: number;
  /** Seconds since whenever. */
  readonly clock: () => number;
}

/** The phase a step is done in, and its turn there. */
export type Stage = Pick<Phase, 'name' | 'rank' | 'by'> & { readonly turn: number };

/** In the order in which steps are done. */
export const byTurn = (one: Pick<Stage, 'rank' | 'turn'>, other: Pick<Stage, 'rank' | 'turn'>): number =>
  one.rank - other.rank || one.turn - other.turn;

/** How events name a step. */
export const named = ({ ctx }: Engine, step: Step, phase: Pick<Stage, 'name'>): StepRef => ({
  step: step.id,
  title: step.title,
  host: ctx.host(step.host).name,
  phase: phase.name,
});
