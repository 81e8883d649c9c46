import type { Facts } from '../core/facts.ts';
import type { Holding } from '../core/journal.ts';
import { type Phase, type Plan, UNREACHABLE } from '../core/plan.ts';
import type { ReconcileOptions } from '../core/reconcile.ts';
import type { Step } from '../core/step.ts';
import { goneContainers } from './containers.ts';
import { byTurn, type Engine } from './engine.ts';
import { judgeAll, lookAll, type Sights, type Surveying, sightAll, surveying } from './look-all.ts';
import type { Leftovers, Looked, Survey, SurveyedPhase } from './looked.ts';
import { LostHosts } from './lost-hosts.ts';
import { tellNotes } from './notes.ts';
import { everything, type Only } from './only.ts';

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
  options: SurveyOptions,
  lost: LostHosts = new LostHosts(engine),
): Promise<Survey> {
  const phases = await surveyPhases(plan.phases, engine, facts, lost, options);
  return { phases, leftovers: options.leftovers ? await surveyLeftovers(phases, engine, lost, options) : nobody };
}

const nobody: Leftovers = { asked: [], inside: [] };

/** Phases at the same time, as far as they do without each other; those whose facts come from one that still has changes are deferred. */
export async function surveyPhases(
  phases: readonly Phase[],
  engine: Engine,
  facts: Facts,
  lost: LostHosts,
  options: LookOptions,
): Promise<readonly SurveyedPhase[]> {
  const common = surveying(engine, lost, options);
  const needed = neededBy(phases, options.only ?? everything);
  const surveys: { readonly phase: Phase; readonly known: Promise<SurveyedPhase> }[] = [];
  for (const phase of phases) {
    const before = surveys.filter((other) => isBefore(other.phase, phase, engine)).map(({ known }) => known);
    surveys.push({ phase, known: needed.has(phase.name) ? surveyAfter(before, phase, facts, common) : spared(phase) });
  }
  const surveyed = await Promise.all(surveys.map(({ known }) => known));
  for (const { looked } of surveyed) tellNotes(looked, engine);
  return surveyed;
}

const spared = async (phase: Phase): Promise<SurveyedPhase> => ({ phase, looked: [], spared: true });

async function surveyAfter(
  before: readonly Promise<SurveyedPhase>[],
  phase: Phase,
  facts: Facts,
  common: Surveying,
): Promise<SurveyedPhase> {
  const read = () => Promise.allSettled([sightPhase(phase, facts, common)]);
  const early = wasDone(phase, common.engine) ? read() : undefined;
  const open = (await Promise.all(before)).find((each) => phase.needs.includes(each.phase.name) && isOpen(each));
  if (open) {
    // nobody wants to know what comes of it, but nothing is asked any more when a run goes on
    await early;
    return { phase, looked: [], deferred: `known after ${open.phase.name}` };
  }
  const [sight] = await (early ?? read());
  if (sight.status === 'rejected') throw sight.reason;
  return judgePhase(phase, sight.value, common);
}

/** Whether a phase was gone through once. What it needs was there then, and likely still is: it can be read before that is known. */
export const wasDone = ({ name }: Phase, { journal }: Engine): boolean =>
  journal.holdings().some(({ phase }) => phase.name === name);

/** Whether an earlier phase has to be known first: for its facts, or because it shows whether what stands in its containers is still ours. */
function isBefore({ name, kinds }: Phase, phase: Phase, { journal }: Engine): boolean {
  if (phase.needs.includes(name)) return true;
  const ours = journal.holdings().filter(({ kind }) => phase.kinds.includes(kind));
  return ours.some(({ within }) => within?.instance !== undefined && kinds.includes(within.kind));
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
  lost: LostHosts,
  options: ReconcileOptions,
): Promise<SurveyedPhase> {
  const surveyed = await lookAtPhase(phase, facts, surveying(engine, lost, options));
  tellNotes(surveyed.looked, engine);
  return surveyed;
}

const lookAtPhase = async (phase: Phase, facts: Facts, common: Surveying): Promise<SurveyedPhase> =>
  judgePhase(phase, await sightPhase(phase, facts, common), common);

/** The steps of a phase with what was read of them, or why they could not be spelled out. */
type PhaseSight = { readonly items: readonly Looked[]; readonly sights: Sights } | { readonly error: unknown };

async function sightPhase(phase: Phase, facts: Facts, common: Surveying): Promise<PhaseSight> {
  let steps: readonly Step[];
  try {
    const { journal } = common.engine;
    steps = await phase.steps(facts, (step) => journal.holding(step) !== undefined);
  } catch (error) {
    common.engine.ctx.signal.throwIfAborted();
    return { error };
  }
  const { name, rank, by, turns } = phase;
  const items = steps.map((step, at) => ({ step, stage: { name, rank, by, turn: turns?.[at] ?? at } }));
  return { items, sights: await sightAll(items, common) };
}

const judgePhase = (phase: Phase, found: PhaseSight, common: Surveying): SurveyedPhase =>
  'error' in found
    ? { phase, looked: [], error: found.error }
    : { phase, looked: judgeAll(found.items, found.sights, common) };

/** What the plan's phases do not mention, as far as they are known. Last phase first, and in it the last step first. */
export async function surveyLeftovers(
  phases: readonly SurveyedPhase[],
  engine: Engine,
  lost: LostHosts,
  options: LookOptions,
): Promise<Leftovers> {
  const { item: matters } = options.only ?? everything;
  const unmentioned = leftoversOf(phases, engine).filter((holding) => matters(leftover(holding, engine)));
  const gone = await goneContainers(unmentioned, phases, engine);
  const inside = unmentioned.filter(gone);
  const items = unmentioned.filter((holding) => !inside.includes(holding)).map((holding) => leftover(holding, engine));
  const asked = await lookAll(items, surveying(engine, lost, options));
  tellNotes(asked, engine);
  return { asked, inside };
}

const leftover = (holding: Holding, { revive }: Engine): Looked => ({
  step: revive(holding),
  stage: { ...holding.phase, by: 'phase' },
});

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
