import type { Writer } from '../core/context.ts';
import { CpaasError } from '../core/errors.ts';
import type { HeldPlace, Holding } from '../core/journal.ts';
import type { Cause, Container, ElementChange, Step } from '../core/step.ts';
import { conflictError } from './conflicts.ts';
import { type Engine, named, type Stage } from './engine.ts';
import type { Instances } from './instances.ts';
import { type Look, look } from './look.ts';
import type { Looked } from './looked.ts';
import type { RunState } from './run-state.ts';

/** look → journal → write → look again. The second look is the proof. What has begun is seen to its end, whatever is interrupted. */
export async function change(
  { step, stage, found: looked }: Looked,
  due: (cause: Cause) => boolean,
  engine: Engine,
  state: RunState,
): Promise<void> {
  const { emit, clock, ctx } = engine;
  const about = named(engine, step, stage);
  if (ctx.signal.aborted) {
    emit({ type: 'step.skipped', why: 'interrupted', ...about });
    ctx.signal.throwIfAborted();
  }
  const start = clock();
  emit({ type: 'step.start', ...about });
  try {
    const changes = await engine.uninterrupted((steady) => {
      const found = looked ? Promise.resolve(looked) : look(step, steady, state.reconciling);
      return found.then((each) => writeAndProve(step, stage, each, due, steady, state));
    });
    const seconds = clock() - start;
    const lines = changes.map((each) => step.describe(each));
    emit(
      changes.length > 0
        ? { type: 'step.applied', changes, lines, seconds, ...about }
        : { type: 'step.satisfied', seconds, ...about },
    );
  } catch (error) {
    emit({ type: 'step.failed', error, seconds: clock() - start, ...about });
    throw error;
  }
}

async function writeAndProve(
  step: Step,
  stage: Stage,
  found: Look,
  due: (cause: Cause) => boolean,
  engine: Engine,
  state: RunState,
): Promise<readonly ElementChange[]> {
  const { journal } = engine;
  // somebody may have come in between since the survey
  if (due('wanted') && found.conflicts.length > 0)
    throw conflictError([{ step, conflicts: found.conflicts }], state.done());
  const changes = found.changes.filter(({ cause }) => due(cause));
  if (!state.isNew(step)) await state.agreement.ask([{ step, changes }], state.done());
  release(found, step, stage, engine);
  const kept = due('wanted') ? found.kept : [];
  await intend(step, stage, [...changes, ...kept], changes.length > 0, engine, state);
  if (changes.length > 0) {
    state.changed.add(step.id);
    await step.write(writer(engine, step, stage, state), changes);
    prove(step, await look(step, engine, { ...state.reconciling, proves: true }), changes, due);
    for (const { key, from } of changes) if (from === undefined) state.noteAdded({ step: step.id, key });
  }
  const keys = [...changes, ...kept].map(({ key }) => key);
  if (keys.length > 0) journal.settle(step.id, keys);
  return changes;
}

/** The writer that one step is given: it knows in whose name progress is told. */
export const writer = (engine: Engine, step: Step, stage: Stage, { going }: RunState): Writer => ({
  ...engine.ctx,
  isGoing: (id) => going.has(id),
  progress: (text) => engine.emit({ type: 'step.progress', text, ...named(engine, step, stage) }),
});

function release(found: Look, step: Step, stage: Stage, engine: Engine): void {
  if (found.released.length === 0) return;
  engine.journal.release(step.id, found.released);
  if (found.lost.length === 0) return;
  const why = 'changed by somebody else since: left as found';
  engine.emit({ type: 'step.released', keys: found.lost, why, ...named(engine, step, stage) });
}

async function intend(
  step: Step,
  { name, rank, turn }: Stage,
  changes: readonly ElementChange[],
  writes: boolean,
  engine: Engine,
  { steps }: RunState,
): Promise<void> {
  if (changes.length === 0) return;
  const { ctx, journal, instances } = engine;
  const { id, kind, place, host, within } = step;
  const known = journal.holding(id);
  if (known && instances.wasElsewhere(known)) giveUp(known, engine);
  const held: HeldPlace = {
    step: id,
    kind,
    place,
    host,
    within: within && container(within, steps, known, instances),
    phase: { name, rank, turn },
  };
  const open = journal.holding(id)?.unclosed;
  const closing = step.close && writes ? (open ?? { before: await step.close.before(ctx) }) : undefined;
  journal.intend(held, changes, closing);
}

/** A container that no step of this run stands for is known from the journal, or not needed: then nobody can remove it here. */
function container(
  within: Container,
  steps: ReadonlyMap<string, Step>,
  known: HeldPlace | undefined,
  instances: Instances,
): HeldPlace['within'] {
  const step = steps.get(within.step);
  if (!step) return known?.within;
  const instance = instances.of(within);
  return { ...within, kind: step.kind, place: step.place, ...(instance === undefined ? {} : { instance }) };
}

/** A place that is no more, with whatever was still to be done there. Returns what had been ours. */
export function giveUp({ step, elements }: Holding, { journal }: Engine): readonly string[] {
  const keys = [...elements.keys()];
  journal.release(step, keys);
  if (journal.holding(step)) journal.closed(step);
  return keys;
}

/** Nothing that was due may be left to do. */
function prove(step: Step, after: Look, changes: readonly ElementChange[], due: (cause: Cause) => boolean): void {
  const left = after.changes.filter(({ cause }) => due(cause));
  const refused = after.conflicts.filter(({ key }) => changes.some((each) => each.key === key));
  if (left.length === 0 && refused.length === 0) return;
  throw new CpaasError('STEP.UNPROVEN', `${step.title}: written, but not so when read back`, {
    evidence: [
      ...left.map((each) => ({ label: 'still due', text: step.describe(each) })),
      ...refused.map(({ key, why }) => ({ label: key, text: why })),
    ],
    next: [{ label: 'tries again from here', command: 'cpaas up' }],
  });
}
