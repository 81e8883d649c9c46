import type { Reader } from '../core/context.ts';
import { type Reconciled, type ReconcileOptions, reconcile } from '../core/reconcile.ts';
import type { Seen, Step } from '../core/step.ts';
import type { Engine } from './engine.ts';

export interface Look extends Reconciled {
  readonly seen: ReadonlyMap<string, Seen>;
}

/** What looking takes of an engine. */
type Looking = Pick<Engine, 'journal' | 'instances'> & { readonly ctx: Reader };

/** What a step would do now. Reads only: `plan` and `status` are this and nothing else. */
export async function look(step: Step, engine: Looking, options: ReconcileOptions = {}): Promise<Look> {
  const holding = engine.journal.holding(step.id);
  const owned = holding && !engine.instances.wasElsewhere(holding) ? holding.elements : new Map();
  const keys = new Set([...step.want.keys(), ...owned.keys()]);
  const seen = await step.read(engine.ctx, keys);
  engine.instances.note(step.id, keys, seen);
  return { ...reconcile(step, seen, owned, options), seen };
}
