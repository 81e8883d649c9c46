import type { Writer } from '../core/context.ts';
import { CpaasError } from '../core/errors.ts';
import type { HeldPlace } from '../core/journal.ts';
import type { Cause, Container, ElementChange, Step } from '../core/step.ts';
import { type Engine, named, type Stage } from './engine.ts';
import { type Look, look } from './look.ts';
import type { Looked } from './survey.ts';

/** What one run keeps track of. */
export interface Progress {
  /** Steps by id, to tell the journal what a place stands in. */
  readonly steps: ReadonlyMap<string, Step>;
  /** Steps that wrote something in this run. */
  readonly changed: Set<string>;
  /** Elements that this run has added, as `elementId` names them. */
  readonly added: Set<string>;
  readonly adopt: boolean;
  /** Whether changed places are closed. */
  readonly closes: boolean;
}

/** An element among all of them. */
export const elementId = ({ step, key }: Container): string => `${step}\n${key}`;

/** look → journal → write → look again. The second look is the proof. Returns whether anything was written. */
export async function change(
  { step, stage, found: looked }: Looked,
  due: (cause: Cause) => boolean,
  engine: Engine,
  progress: Progress,
): Promise<void> {
  const { journal, emit, clock } = engine;
  const about = named(engine, step, stage);
  const start = clock();
  emit({ type: 'step.start', ...about });
  try {
    engine.ctx.signal.throwIfAborted();
    const found = looked ?? (await look(step, engine, progress));
    release(found, step, stage, engine);
    const changes = found.changes.filter(({ cause }) => due(cause));
    const kept = due('wanted') ? found.kept : [];
    await intend(step, stage, [...changes, ...kept], changes.length > 0, engine, progress);
    if (changes.length > 0) {
      progress.changed.add(step.id);
      await step.write(writer(engine, step, stage), changes);
      prove(step, await look(step, engine, progress), changes, due);
      for (const { key, from } of changes)
        if (from === undefined) progress.added.add(elementId({ step: step.id, key }));
    }
    const keys = [...changes, ...kept].map(({ key }) => key);
    if (keys.length > 0) journal.settle(step.id, keys);
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

/** The writer that one step is given: it knows in whose name progress is told. */
export const writer = (engine: Engine, step: Step, stage: Stage): Writer => ({
  ...engine.ctx,
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
  { name, rank }: Stage,
  changes: readonly ElementChange[],
  writes: boolean,
  { ctx, journal }: Engine,
  { steps }: Progress,
): Promise<void> {
  if (changes.length === 0) return;
  const { id, kind, place, host, within } = step;
  const held: HeldPlace = {
    step: id,
    kind,
    place,
    host,
    within: within && container(within, steps, journal.holding(id)),
    phase: { name, rank },
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
): HeldPlace['within'] {
  const step = steps.get(within.step);
  return step ? { ...within, kind: step.kind, place: step.place } : known?.within;
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
