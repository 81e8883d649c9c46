import type { Reader } from '../core/context.ts';
import { type Reconciled, type ReconcileOptions, reconcile } from '../core/reconcile.ts';
import type { Seen, Step } from '../core/step.ts';
import type { Engine } from './engine.ts';

export interface Look extends Reconciled {
  readonly seen: ReadonlyMap<string, Seen>;
}

/** What looking takes of an engine. */
type Looking = Pick<Engine, 'journal' | 'instances'> & { readonly ctx: Reader };

/** What was read at a step's place, and what of it was asked for. */
export interface Sight {
  readonly keys: ReadonlySet<string>;
  readonly seen: ReadonlyMap<string, Seen>;
}

/** Reads a step's place. What it means may have to wait: whether the container of the place is the one of the journal. */
export async function sight(step: Step, { journal, ctx }: Pick<Looking, 'journal' | 'ctx'>): Promise<Sight> {
  const owned = journal.holding(step.id)?.elements.keys() ?? [];
  const keys = new Set([...step.want.keys(), ...owned]);
  return { keys, seen: await step.read(ctx, keys) };
}

/** What a step would do about what was read. */
export function judge(
  step: Step,
  { keys, seen }: Sight,
  { journal, instances }: Pick<Looking, 'journal' | 'instances'>,
  options: ReconcileOptions = {},
): Look {
  instances.note(step.id, keys, seen);
  const holding = journal.holding(step.id);
  const owned = holding && !instances.wasElsewhere(holding) ? holding.elements : new Map();
  return { ...reconcile(step, seen, owned, options), seen };
}

/** What a step would do now. Reads only: `plan` and `status` are this and nothing else. */
export const look = async (step: Step, engine: Looking, options: ReconcileOptions = {}): Promise<Look> =>
  judge(step, await sight(step, engine), engine, options);
