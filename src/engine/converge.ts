import { CpaasError, flatten } from '../core/errors.ts';
import { Facts } from '../core/facts.ts';
import type { RunOutcome } from '../core/journal.ts';
import type { Plan } from '../core/plan.ts';
import type { Cause, Step } from '../core/step.ts';
import { change, elementId, type Progress } from './change.ts';
import { closeHost } from './close.ts';
import { ask, type Consent } from './consent.ts';
import { type Engine, named } from './engine.ts';
import { chooses, type Only } from './only.ts';
import { pass } from './pass.ts';
import { putBack } from './put-back.ts';
import { eachHost, type Lost } from './schedule.ts';
import { type Looked, lookAtPhase, type SurveyedPhase, survey } from './survey.ts';

export interface ConvergeOptions {
  readonly consent: Consent;
  /** Whether places that the plan does not mention are undone. */
  readonly leftovers: boolean;
  readonly only?: Only;
  readonly adopt?: boolean;
  /** Whether what is put back only on request is put back: installed packages and tools. */
  readonly purge?: boolean;
  /** Whether changed places are closed: confirmed and saved. What is left out is made up for by the next run. */
  readonly close?: boolean;
  /** Whether the gates of the phases are waited at. */
  readonly gates: boolean;
}

/**
 * Makes the world what the plan wants. Reads everything first, refuses on any conflict, asks for consent; then additions and changes
 * go phase by phase; then what is no longer wanted is put back, the phases backwards. A host that cannot be reached is left out and
 * told at the end. Rejects with what went wrong; the journal then says how far it came.
 */
export async function converge(plan: Plan, engine: Engine, options: ConvergeOptions): Promise<RunOutcome> {
  const facts = new Facts(engine.ctx);
  const found = await survey(plan, engine, facts, options);
  refuse(found.phases, options);
  const items = [...found.phases.flatMap(({ looked }) => looked), ...found.leftovers];
  await ask(items.filter(chooses(options.only)), () => true, options.consent, engine);

  const { lost } = found;
  const progress: Progress = {
    steps: new Map<string, Step>(items.map(({ step }) => [step.id, step])),
    changed: new Set(),
    added: new Set(),
    adopt: options.adopt ?? false,
    closes: options.close ?? true,
  };
  const unwanted: Looked[] = [];
  for (const surveyed of found.phases)
    unwanted.push(...(await throughPhase(surveyed, engine, facts, lost, progress, options)));
  const backwards = unwanted.reverse();
  const due = [...backwards, ...found.leftovers].filter(chooses(options.only)).filter(undoable(options));
  await putBack(due, options.only ? [] : found.inside, engine, lost, progress);
  const error = lost.error();
  if (error) throw error;
  return progress.changed.size > 0 || found.inside.length > 0 ? 'applied' : 'unchanged';
}

/** Adds and changes what a phase wants; returns the steps where something is to be put back later. */
async function throughPhase(
  surveyed: SurveyedPhase,
  engine: Engine,
  facts: Facts,
  lost: Lost,
  progress: Progress,
  options: ConvergeOptions,
): Promise<readonly Looked[]> {
  const { phase } = surveyed;
  const start = engine.clock();
  engine.ctx.signal.throwIfAborted();
  const { looked } = await upToDate(surveyed, engine, facts, lost, progress, options);
  const chosen = looked.filter(chooses(options.only));
  const mentioned = progress.steps as Map<string, Step>;
  for (const { step } of looked) mentioned.set(step.id, step);
  const steps = chosen.map(({ step }) => named(engine, step, phase));
  engine.emit({ type: 'phase.start', phase: phase.name, by: phase.by, steps });
  try {
    await changeAll(chosen, engine, lost, progress, facts);
    if (options.gates && (chosen.length > 0 || !options.only))
      for (const gate of phase.until) await pass(gate, phase.name, engine);
  } finally {
    engine.emit({ type: 'phase.end', phase: phase.name, seconds: engine.clock() - start });
  }
  return chosen.filter(({ found }) => found?.changes.some(({ cause }) => cause === 'unwanted'));
}

async function changeAll(
  chosen: readonly Looked[],
  engine: Engine,
  lost: Lost,
  progress: Progress,
  facts: Facts,
): Promise<void> {
  const before = progress.changed.size;
  const due = (cause: Cause): boolean => cause !== 'unwanted';
  await eachHost(
    chosen,
    lost,
    engine.parallel,
    // what went before it may have changed the place: enabling BGP brings a saved configuration back
    ({ found, ...item }) =>
      change(progress.changed.size > before || !found ? item : { ...item, found }, due, engine, progress),
    (own) => closeHost(own, engine, progress),
  );
  if (progress.changed.size > before) facts.forget();
}

/** What the survey found, or a new look where it could not look or something was changed since. */
async function upToDate(
  surveyed: SurveyedPhase,
  engine: Engine,
  facts: Facts,
  lost: Lost,
  progress: Progress,
  options: ConvergeOptions,
): Promise<SurveyedPhase> {
  if (surveyed.deferred === undefined && progress.changed.size === 0) return surveyed;
  const again = await lookAtPhase(surveyed.phase, engine, facts, lost, options);
  refuse([again], options);
  const asked = new Set(surveyed.looked.map(({ step }) => step.id));
  // nobody uses yet what stands in something that this run has made
  const isNew = ({ within }: Step): boolean => within !== undefined && progress.added.has(elementId(within));
  const news = again.looked.filter(({ step }) => !asked.has(step.id) && !isNew(step));
  await ask(news.filter(chooses(options.only)), () => true, options.consent, engine);
  return again;
}

/** Nothing starts while something in the plan must not, or cannot be known. */
function refuse(phases: readonly SurveyedPhase[], { only }: Pick<ConvergeOptions, 'only'>): void {
  const errors = phases.flatMap(({ error }) => (error === undefined ? [] : flatten(error)));
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, 'the state of things cannot be read');
  const evidence = phases
    .flatMap(({ looked }) => looked)
    .filter(chooses(only))
    .flatMap(({ step, found }) => (found?.conflicts ?? []).map(({ key, why }) => ({ label: key, text: why, step })));
  const [first] = evidence;
  if (!first) return;
  const more = evidence.length > 1 ? ` (and ${evidence.length - 1} more)` : '';
  throw new CpaasError('STEP.CONFLICT', `nothing was changed: ${first.step.title}: ${first.text}${more}`, {
    evidence: evidence.map(({ label, text }) => ({ label, text })),
    next: [{ label: 'shows all of it', command: 'cpaas plan' }],
  });
}

/** Packages and tools stay unless asked for; what cannot be undone is not tried. */
const undoable =
  ({ purge = false }: ConvergeOptions) =>
  ({ step }: Looked): boolean =>
    step.undo === 'down' || (step.undo === 'purge' && purge);
