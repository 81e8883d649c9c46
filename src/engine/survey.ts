import { isUnreachable } from '../core/errors.ts';
import type { Facts } from '../core/facts.ts';
import type { Holding } from '../core/journal.ts';
import { type Phase, type Plan, UNREACHABLE } from '../core/plan.ts';
import type { ReconcileOptions } from '../core/reconcile.ts';
import type { Step } from '../core/step.ts';
import { goneContainers } from './containers.ts';
import { byTurn, type Engine } from './engine.ts';
import { type Look, look } from './look.ts';
import type { Leftovers, Looked, Survey, SurveyedPhase } from './looked.ts';
import type { Lost } from './lost.ts';
import { tellNotes } from './notes.ts';
import { everything, type Only } from './only.ts';
import { hostByHost } from './schedule.ts';
import { SharedAnswers } from './shared-answers.ts';

export interface LookOptions extends ReconcileOptions {
  /** The part that matters: other leftovers are not looked at, nor phases that it can do without. */
  readonly only?: Only;
}

export interface SurveyOptions extends LookOptions {
  /** Whether places that the plan does not mention are to be undone; `rollback` leaves them. */
  readonly leftovers: boolean;
}

/** Reads everything that can be read now, changes nothing. What cannot be read is told with its step or phase. */
export async function survey(
  plan: Plan,
  engine: Engine,
  facts: Facts,
  lost: Lost,
  options: SurveyOptions,
): Promise<Survey> {
  const phases = await surveyPhases(plan.phases, engine, facts, lost, options);
  return { phases, leftovers: options.leftovers ? await surveyLeftovers(phases, engine, lost, options) : nobody };
}

const nobody: Leftovers = { asked: [], inside: [] };

/** Phases in their order; those whose facts come from one that still has changes are deferred. */
export async function surveyPhases(
  phases: readonly Phase[],
  engine: Engine,
  facts: Facts,
  lost: Lost,
  options: LookOptions,
): Promise<readonly SurveyedPhase[]> {
  const surveyed: SurveyedPhase[] = [];
  const needed = neededBy(phases, options.only ?? everything);
  for (const phase of phases) {
    if (!needed.has(phase.name)) {
      surveyed.push({ phase, looked: [], spared: true });
      continue;
    }
    const open = surveyed.find((each) => phase.needs.includes(each.phase.name) && isOpen(each));
    surveyed.push(
      open
        ? { phase, looked: [], deferred: `known after ${open.phase.name}` }
        : await surveyPhase(phase, engine, facts, lost, options),
    );
  }
  return surveyed;
}

/** Names of the phases that a part of the plan is in, and of those that must have nothing left to change before. */
function neededBy(phases: readonly Phase[], { spares = () => false }: Only): ReadonlySet<string> {
  const needed = new Set<string>();
  for (const phase of phases.toReversed())
    if (needed.has(phase.name) || !spares(phase)) for (const name of [phase.name, ...phase.needs]) needed.add(name);
  return needed;
}

/** Spells a phase out and looks at its steps. */
export async function surveyPhase(
  phase: Phase,
  engine: Engine,
  facts: Facts,
  lost: Lost,
  options: ReconcileOptions,
): Promise<SurveyedPhase> {
  let steps: readonly Step[];
  try {
    steps = await phase.steps(facts);
  } catch (error) {
    engine.ctx.signal.throwIfAborted();
    return { phase, looked: [], error };
  }
  const { name, rank, by, turns } = phase;
  const items = steps.map((step, at) => ({ step, stage: { name, rank, by, turn: turns?.[at] ?? at } }));
  return { phase, looked: await lookAll(items, engine, lost, options) };
}

/** What the plan's phases do not mention, as far as they are known. Last phase first, and in it the last step first. */
export async function surveyLeftovers(
  phases: readonly SurveyedPhase[],
  engine: Engine,
  lost: Lost,
  options: LookOptions,
): Promise<Leftovers> {
  const { item: matters } = options.only ?? everything;
  const unmentioned = leftoversOf(phases, engine).filter((holding) => matters(leftover(holding, engine)));
  const gone = await goneContainers(unmentioned, phases, engine);
  const inside = unmentioned.filter(gone);
  const items = unmentioned.filter((holding) => !inside.includes(holding)).map((holding) => leftover(holding, engine));
  return { asked: await lookAll(items, engine, lost, options), inside };
}

const leftover = (holding: Holding, { revive }: Engine): Looked => ({
  step: revive(holding),
  stage: { ...holding.phase, by: 'phase' },
});

/** Looks at steps, those of a host all at a time; of what fails on a host the first in their order is told. */
async function lookAll(
  items: readonly Looked[],
  engine: Engine,
  lost: Lost,
  options: ReconcileOptions,
): Promise<readonly Looked[]> {
  const found = new Map<Step, Look>();
  const failed = new Map<string, unknown>();
  const { signal } = engine.ctx;
  const answers = new SharedAnswers(engine.ctx);
  await hostByHost(items, engine.parallel, async (own, host) => {
    signal.throwIfAborted();
    if (lost.why(host)) return;
    const looks = own.map(({ step }) => look(step, { ...engine, ctx: answers.reader() }, options));
    const ends = await Promise.allSettled(looks);
    signal.throwIfAborted();
    for (const [at, { step }] of own.entries()) {
      const end = ends[at];
      if (end?.status === 'fulfilled') {
        found.set(step, end.value);
        tellNotes(end.value, engine);
      } else if (!failed.has(host)) failed.set(host, end?.reason);
    }
    if (isUnreachable(failed.get(host))) lost.note(host, failed.get(host));
  });
  return items.map((item) => {
    const seen = found.get(item.step);
    return seen
      ? { ...item, found: seen }
      : { ...item, failure: lost.why(item.step.host) ?? failed.get(item.step.host) };
  });
}

/** Whether something is still to be added or changed there; removals come last and keep nobody waiting. */
function isOpen({ deferred, error, looked }: SurveyedPhase): boolean {
  const changes = looked.flatMap(({ found }) => found?.changes ?? []);
  return (
    deferred !== undefined ||
    error !== undefined ||
    looked.some(({ failure }) => failure !== undefined) ||
    changes.some(({ cause }) => cause !== 'unwanted')
  );
}

function leftoversOf(phases: readonly SurveyedPhase[], { journal }: Engine): readonly Holding[] {
  const steps = phases.flatMap(({ looked }) => looked.map(({ step }) => step));
  const mentioned = new Set(steps.map(({ id }) => id));
  const kept = new Set(steps.flatMap(({ host, keeps = [] }) => keeps.map((kind) => `${kind} ${host}`)));
  const postponed = new Set(phases.filter(isUnknown).flatMap(({ phase }) => phase.kinds));
  return journal
    .holdings()
    .filter(({ step, kind, host }) => !mentioned.has(step) && !postponed.has(kind) && !kept.has(`${kind} ${host}`))
    .sort((one, other) => byTurn(other.phase, one.phase));
}

/** Not all steps of such a phase can be named: what the journal holds of its kinds may be among them. */
const isUnknown = ({ deferred, spared, error, looked }: SurveyedPhase): boolean =>
  deferred !== undefined ||
  spared !== undefined ||
  error !== undefined ||
  looked.some(({ step }) => step.kind === UNREACHABLE);
