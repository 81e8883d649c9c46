import type { RanStep } from '../../core/documents.ts';
import type { Event, StepRef } from '../../core/events.ts';
import type { RunCommand } from '../../core/journal.ts';

/** What became of the steps of a run, from its events. */
export interface RanSteps {
  hear(event: Event): void;
  list(): readonly RanStep[];
  /** Steps of the phases that were begun which nothing was done about. */
  waiting(): readonly StepRef[];
  /** Names of the phases that were begun. */
  phases(): ReadonlySet<string>;
  /** What was ours and is in other hands by now: left as it was found. */
  left(): readonly string[];
}

/** One that was both added to and taken from counts once, by what weighs more. */
export function ranSteps(begun: RunCommand): RanSteps {
  let command = begun;
  const steps = new Map<string, RanStep>();
  const named = new Map<string, StepRef>();
  const phases = new Set<string>();
  const left: string[] = [];
  const applied = (): RanStep['outcome'] => (command === 'rollback' ? 'rolled-back' : 'applied');
  const note = (event: StepRef, outcome: RanStep['outcome'], seconds = 0): void => {
    const { step: id, title, host } = event;
    const before = steps.get(id);
    const outcomes = [outcome, ...(before ? [before.outcome] : [])];
    const heaviest = outcomes.reduce((one, other) => (WEIGHT.indexOf(other) > WEIGHT.indexOf(one) ? other : one));
    const total = (before?.seconds ?? 0) + seconds;
    steps.set(id, { id, title, host, outcome: heaviest, seconds: Math.round(total * 1000) / 1000 });
  };
  const hear = (event: Event): void => {
    // a run that fails may go on as the one that undoes it
    if (event.type === 'run.start') command = event.command;
    else if (event.type === 'phase.start') {
      phases.add(event.phase);
      for (const step of event.steps) named.set(step.step, step);
    } else if (event.type === 'step.applied') note(event, applied(), event.seconds);
    else if (event.type === 'step.closed') note(event, applied());
    else if (event.type === 'step.satisfied') note(event, 'satisfied', event.seconds);
    else if (event.type === 'step.failed') note(event, 'failed', event.seconds);
    else if (event.type === 'step.skipped') note(event, 'skipped');
    else if (event.type === 'step.released')
      left.push(...event.keys.map((key) => `${key} on ${event.host}: ${event.why}`));
  };
  return {
    hear,
    list: () => [...steps.values()],
    waiting: () => [...named.values()].filter(({ step }) => !steps.has(step) || steps.get(step)?.outcome === 'skipped'),
    phases: () => phases,
    left: () => left,
  };
}

const WEIGHT: readonly RanStep['outcome'][] = ['satisfied', 'skipped', 'applied', 'rolled-back', 'failed'];
