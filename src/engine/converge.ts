import { flatten } from '../core/errors.ts';
import { Facts } from '../core/facts.ts';
import type { RunOutcome } from '../core/journal.ts';
import type { Phase, Plan } from '../core/plan.ts';
import type { ReconcileOptions } from '../core/reconcile.ts';
import type { Cause } from '../core/step.ts';
import { askAhead } from './ask-ahead.ts';
import { change } from './change.ts';
import { closeHost } from './close.ts';
import { refuse } from './conflicts.ts';
import { Agreement, type Consent, type Due } from './consent.ts';
import { type Engine, named } from './engine.ts';
import { fetchAhead } from './fetch.ts';
import type { Looked, SurveyedPhase } from './looked.ts';
import { LostHosts } from './lost-hosts.ts';
import { everything, mustChoose, type Only } from './only.ts';
import { passGate } from './pass-gate.ts';
import { passGatesAgain } from './pass-gates-again.ts';
import { putBack } from './put-back.ts';
import { RunState } from './run-state.ts';
import { eachHost, throwFailures } from './schedule.ts';
import { survey, surveyLeftovers, surveyPhase, surveyPhases } from './survey.ts';

export interface ConvergeOptions extends ReconcileOptions {
  readonly consent: Consent;
  /** Whether places that the plan does not mention are undone. */
  readonly leftovers: boolean;
  readonly only?: Only;
  /** What is known already; it is forgotten with the first question or change. */
  readonly facts?: Facts;
  /** Whether changed places are closed: confirmed and saved. What is left out is made up for by the next run. */
  readonly close?: boolean;
  /** Whether closing acts overlook what was found before the first change: what others had left unsaved is saved with ours. */
  readonly overlook?: boolean;
  /** Whether the gates of the phases are waited at. */
  readonly gates: boolean;
}

/**
 * Makes the world what the plan wants. Reads everything first, refuses on any conflict, asks for consent; then additions and changes
 * go phase by phase; then what is no longer wanted is put back, the phases backwards. A host that cannot be reached is left out and
 * told at the end. Rejects with what went wrong; the journal then says how far it came.
 */
export const converge = (plan: Plan, engine: Engine, options: ConvergeOptions): Promise<RunOutcome> =>
  new Converging(engine, options).run(plan);

/** One run of `converge`. */
class Converging {
  readonly #engine: Engine;
  readonly #options: ConvergeOptions;
  readonly #only: Only;
  readonly #facts: Facts;
  readonly #lost: LostHosts;
  readonly #state: RunState;
  /** Hosts on which this run has something to look at. */
  readonly #concerned = new Set<string>();
  /** Phases at whose gates this run has waited. */
  readonly #passed: Phase[] = [];
  /** Why phases could not be spelled out whose facts are on hosts out of reach, by their names. */
  readonly #unread = new Map<string, readonly unknown[]>();

  constructor(engine: Engine, options: ConvergeOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#only = options.only ?? everything;
    this.#facts = options.facts ?? new Facts(engine.ctx);
    this.#lost = new LostHosts(engine);
    this.#state = new RunState(new Agreement(options.consent, engine), options);
  }

  /** A host out of reach is told with whatever else went wrong, too. */
  async run(plan: Plan): Promise<RunOutcome> {
    const outcome = await this.#through(plan).catch((failure: unknown) => {
      const lost = this.#lost.error(this.#concerned, 'not everything else could be done');
      throw lost ? new AggregateError([...flatten(failure), lost], 'not everything could be done') : failure;
    });
    const lost = this.#lost.error(this.#concerned, 'everything else was done');
    if (lost) throw lost;
    throwFailures([...new Set([...this.#unread.values()].flat())], 'phases could not be read');
    return outcome;
  }

  async #through(plan: Plan): Promise<RunOutcome> {
    await this.#comeToRest(plan);
    const ahead = this.#options.gates ? askAhead(plan, this.#only, this.#facts, this.#engine) : undefined;
    const found = await survey(plan, this.#engine, this.#facts, this.#options, this.#lost).finally(() => ahead);
    mustChoose(this.#only, found.phases, [...found.phases.flatMap(({ looked }) => looked), ...found.leftovers.asked]);
    await this.#admit(found.phases, found.leftovers.asked);
    await fetchAhead(found.phases, this.#only, this.#engine);

    const unwanted: Looked[] = [];
    const phases = [...found.phases];
    for (const [at, each] of phases.entries()) {
      // what was deferred is read whole as soon as it can be: a conflict in its last phase must not come after changes in its first
      if (each.deferred !== undefined) phases.splice(at, phases.length, ...(await this.#readOn(phases.slice(at))));
      unwanted.push(...(await this.#throughPhase(phases[at] ?? each)));
    }
    const wasDeferred = found.phases.some(({ deferred }) => deferred !== undefined);
    const leftovers = wasDeferred && this.#options.leftovers ? await this.#leftoversOf(phases) : found.leftovers;
    const chosen = [...unwanted.reverse(), ...leftovers.asked].filter(this.#only.item);
    const inside = this.#only === everything ? leftovers.inside : [];
    const released = await putBack(chosen, inside, this.#engine, this.#lost, this.#state);
    await passGatesAgain(this.#passed, chosen, this.#engine);
    return this.#state.done() || released ? 'applied' : 'unchanged';
  }

  async #comeToRest({ phases }: Plan): Promise<void> {
    if (!this.#options.gates) return;
    for (const { name, atRest } of phases)
      for (const gate of atRest) await passGate(gate, name, this.#engine, { usual: true, facts: this.#facts });
  }

  /** Refuses what must not be done, and asks for what takes something from somebody. */
  async #admit(phases: readonly SurveyedPhase[], leftovers: readonly Looked[]): Promise<void> {
    const looked = phases.flatMap((each) => each.looked);
    const items = [...looked, ...leftovers].filter(this.#only.item);
    this.#state.mention(looked);
    for (const { step } of items) this.#concerned.add(step.host);
    for (const { phase, error } of phases)
      if (error !== undefined && this.#only.phase(phase)) this.#unread.set(phase.name, flatten(error));
      else this.#unread.delete(phase.name);
    refuse(phases, this.#only, this.#state.done());
    const due = items.flatMap(({ step, found }): Due[] => (found ? [{ step, changes: found.changes }] : []));
    const asked = await this.#state.agreement.ask(
      due.filter(({ step }) => !this.#state.isNew(step)),
      this.#state.done(),
    );
    // the answer may have taken an hour
    if (asked) this.#facts.forget();
  }

  async #readOn(deferred: readonly SurveyedPhase[]): Promise<readonly SurveyedPhase[]> {
    const plan = deferred.map(({ phase }) => phase);
    const phases = await surveyPhases(plan, this.#engine, this.#facts, this.#lost, this.#options);
    await this.#admit(phases, []);
    return phases;
  }

  async #leftoversOf(phases: readonly SurveyedPhase[]) {
    const leftovers = await surveyLeftovers(phases, this.#engine, this.#lost, this.#options);
    await this.#admit([], leftovers.asked);
    return leftovers;
  }

  /** Adds and changes what a phase wants; returns the steps where something is to be put back later. */
  async #throughPhase(surveyed: SurveyedPhase): Promise<readonly Looked[]> {
    const { phase } = surveyed;
    const engine = this.#engine;
    engine.ctx.signal.throwIfAborted();
    if (surveyed.looked.length === 0 && !this.#only.phase(phase)) return [];
    const { looked } = await this.#upToDate(surveyed);
    const chosen = looked.filter(this.#only.item);
    if (chosen.length === 0 && this.#only !== everything) return [];
    const start = engine.clock();
    const steps = chosen.map(({ step }) => named(engine, step, phase));
    engine.emit({ type: 'phase.start', phase: phase.name, by: phase.by, steps });
    try {
      await this.#changeAll(chosen);
      if (this.#options.gates) await this.#passGates(phase);
    } finally {
      engine.emit({ type: 'phase.end', phase: phase.name, seconds: engine.clock() - start });
    }
    return chosen.filter(({ found }) => found?.changes.some(({ cause }) => cause === 'unwanted'));
  }

  async #passGates(phase: Phase): Promise<void> {
    for (const gate of phase.until) await passGate(gate, phase.name, this.#engine, { facts: this.#facts });
    this.#passed.push(phase);
  }

  /** What the survey found, or a new look where something was changed since. */
  async #upToDate(surveyed: SurveyedPhase): Promise<SurveyedPhase> {
    if (!this.#state.done()) return surveyed;
    const again = await surveyPhase(surveyed.phase, this.#engine, this.#facts, this.#lost, this.#options);
    await this.#admit([again], []);
    return again;
  }

  async #changeAll(chosen: readonly Looked[]): Promise<void> {
    const state = this.#state;
    const before = state.changed.size;
    const due = (cause: Cause): boolean => cause !== 'unwanted';
    await eachHost(
      chosen,
      this.#lost,
      this.#engine.parallel,
      // what went before it may have changed the place: enabling BGP brings a saved configuration back
      ({ found, ...item }) =>
        change(state.changed.size > before || !found ? item : { ...item, found }, due, this.#engine, state),
      (own) => closeHost(own, this.#engine, state),
    );
    if (state.changed.size > before) this.#facts.forget();
  }
}
