import { type Reconciled, type ReconcileOptions, reconcile } from '../core/reconcile.ts';
import type { Seen, Step } from '../core/step.ts';
import type { Engine } from './engine.ts';

export interface Look extends Reconciled {
  readonly seen: ReadonlyMap<string, Seen>;
}

/** What a step would do now. Reads only: `plan` and `status` are this and nothing else. */
export async function look(step: Step, engine: Engine, options: ReconcileOptions = {}): Promise<Look> {
  const owned = engine.journal.holding(step.id)?.elements ?? new Map();
  const seen = await step.read(engine.ctx, new Set([...step.want.keys(), ...owned.keys()]));
  return { ...reconcile(step, seen, owned, options), seen };
}
