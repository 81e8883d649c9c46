import { type CpaasError, isUnreachable } from '../core/errors.ts';
import type { Facts } from '../core/facts.ts';
import type { HeldPlace, Holding } from '../core/journal.ts';
import type { Phase, Plan } from '../core/plan.ts';
import type { ReconcileOptions } from '../core/reconcile.ts';
import type { Step } from '../core/step.ts';
import type { Engine, Stage } from './engine.ts';
import { type Look, look } from './look.ts';
import { eachHost, Lost } from './schedule.ts';

/** A step and what was found there; or why nothing could be. */
export interface Looked {
  readonly step: Step;
  readonly stage: Stage;
  readonly found?: Look;
  readonly unreachable?: CpaasError;
}

export interface SurveyedPhase {
  readonly phase: Phase;
  readonly looked: readonly Looked[];
  /** `known after Lab`: its facts come from a phase that still has changes. */
  readonly deferred?: string;
  /** Its facts could not be had. */
  readonly error?: unknown;
}

export interface Survey {
  readonly phases: readonly SurveyedPhase[];
  /** Places of the journal that the plan does not mention: there nothing is wanted. In the order in which they are to be undone. */
  readonly leftovers: readonly Looked[];
  /** Places that go, or have gone, with what they stood in. They are not asked. */
  readonly inside: readonly Holding[];
  readonly lost: Lost;
}

export interface SurveyOptions extends ReconcileOptions {
  /** Whether places that the plan does not mention are to be undone; `rollback` leaves them. */
  readonly leftovers: boolean;
}

/** Reads everything that can be read now, changes nothing. */
export async function survey(plan: Plan, engine: Engine, facts: Facts, options: SurveyOptions): Promise<Survey> {
  const lost = new Lost(engine);
  const phases: SurveyedPhase[] = [];
  for (const phase of plan.phases) phases.push(await surveyPhase(phase, phases, engine, facts, lost, options));
  if (!options.leftovers) return { phases, leftovers: [], inside: [], lost };
  const unmentioned = leftoversOf(phases, engine);
  const gone = await goneContainers(unmentioned, phases, engine);
  const inside = unmentioned.filter((holding) => gone(holding));
  const leftovers: Looked[] = unmentioned
    .filter((holding) => !inside.includes(holding))
    .map((holding) => ({ step: engine.revive(holding), stage: { ...holding.phase, by: 'phase' } }));
  return { phases, leftovers: await lookAll(leftovers, engine, lost, options), inside, lost };
}

async function surveyPhase(
  phase: Phase,
  before: readonly SurveyedPhase[],
  engine: Engine,
  facts: Facts,
  lost: Lost,
  options: ReconcileOptions,
): Promise<SurveyedPhase> {
  const open = before.find((each) => phase.needs.includes(each.phase.name) && isOpen(each));
  if (open) return { phase, looked: [], deferred: `known after ${open.phase.name}` };
  return lookAtPhase(phase, engine, facts, lost, options).catch((error: unknown) => ({ phase, looked: [], error }));
}

/** Spells a phase out and looks at its steps. */
export async function lookAtPhase(
  phase: Phase,
  engine: Engine,
  facts: Facts,
  lost: Lost,
  options: ReconcileOptions = {},
): Promise<SurveyedPhase> {
  const steps = await phase.steps(facts);
  return {
    phase,
    looked: await lookAll(
      steps.map((step) => ({ step, stage: phase })),
      engine,
      lost,
      options,
    ),
  };
}

async function lookAll(
  items: readonly Looked[],
  engine: Engine,
  lost: Lost,
  options: ReconcileOptions,
): Promise<Looked[]> {
  const found = new Map<Step, Look>();
  const unreachable = new Map<string, CpaasError>();
  await eachHost(items, lost, engine.parallel, async ({ step }) => {
    engine.ctx.signal.throwIfAborted();
    try {
      found.set(step, await look(step, engine, options));
    } catch (error) {
      if (isUnreachable(error)) unreachable.set(step.host, error);
      throw error;
    }
  });
  return items.map((item) => {
    const seen = found.get(item.step);
    const why = unreachable.get(item.step.host);
    return { ...item, ...(seen ? { found: seen } : why ? { unreachable: why } : {}) };
  });
}

/** Whether something is still to be added or changed there; removals come last and keep nobody waiting. */
function isOpen({ deferred, error, looked }: SurveyedPhase): boolean {
  const changes = looked.flatMap(({ found }) => found?.changes ?? []);
  return (
    deferred !== undefined ||
    error !== undefined ||
    looked.some(({ unreachable }) => unreachable) ||
    changes.some(({ cause }) => cause !== 'unwanted')
  );
}

/** Last phase first, and in it the last step first. */
function leftoversOf(phases: readonly SurveyedPhase[], { journal }: Engine): readonly Holding[] {
  const mentioned = new Set(phases.flatMap(({ looked }) => looked.map(({ step }) => step.id)));
  const unknown = phases.filter(({ deferred, error }) => deferred !== undefined || error !== undefined);
  const postponed = new Set(unknown.flatMap(({ phase }) => phase.kinds));
  return journal
    .holdings()
    .filter(({ step, kind }) => !mentioned.has(step) && !postponed.has(kind))
    .reverse()
    .sort((one, other) => other.phase.rank - one.phase.rank);
}

/**
 * Tells of a place whether what it stands in goes in this run, or was removed by somebody. Containers are looked at here first, so
 * that nothing inside a machine that is no more is asked.
 */
async function goneContainers(
  unmentioned: readonly Holding[],
  phases: readonly SurveyedPhase[],
  engine: Engine,
): Promise<(place: HeldPlace) => boolean> {
  const known = new Map(phases.flatMap(({ looked }) => looked.map((each) => [each.step.id, each] as const)));
  const containers = new Map(unmentioned.flatMap(({ within }) => (within ? [[within.step, within] as const] : [])));
  const going = new Map<string, ReadonlySet<string>>();
  for (const [id, recipe] of containers) {
    const step = known.get(id)?.step ?? engine.revive(recipe);
    const keys = new Set(unmentioned.flatMap(({ within }) => (within?.step === id ? [within.key] : [])));
    // asked for by name: an element that is neither wanted nor ours would not be seen otherwise
    const seen = await step.read(engine.ctx, keys);
    const { changes } = known.get(id)?.found ?? (await look(step, engine));
    const unwanted = changes.filter(({ to }) => to === undefined).map(({ key }) => key);
    going.set(id, new Set([...keys].filter((key) => !seen.has(key) || unwanted.includes(key))));
  }
  return ({ within }) => within !== undefined && (going.get(within.step)?.has(within.key) ?? false);
}
