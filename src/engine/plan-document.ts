import type {
  PlanDocument,
  PlannedChange,
  PlannedPhase,
  PlannedStep,
  StatusDocument,
  StepState,
} from '../core/documents.ts';
import { flatten } from '../core/errors.ts';
import type { ElementChange, Risk, Step } from '../core/step.ts';
import type { Engine } from './engine.ts';
import type { Looked, Survey, SurveyedPhase } from './looked.ts';

/** What a survey found, as `plan` and `status` print it. */
export function planDocument(cluster: string, { phases, leftovers }: Survey, engine: Engine): PlanDocument {
  const planned = phases.map((each) => plannedPhase(each, engine));
  const undone = leftovers.asked.map((each) => plannedStep(each, engine));
  const gone = leftovers.inside.map((holding) => goneStep(engine.revive(holding), engine));
  const last: PlannedPhase[] =
    undone.length + gone.length > 0 ? [{ name: 'No longer wanted', by: 'host', steps: [...undone, ...gone] }] : [];
  const all = [...planned, ...last];
  const steps = all.flatMap((phase) => phase.steps);
  const count = (state: StepState): number => steps.filter((step) => step.state === state).length;
  return {
    cluster,
    phases: all,
    summary: {
      satisfied: count('satisfied'),
      pending: count('pending'),
      conflict: count('conflict'),
      unreachable: count('unreachable') + phases.filter(({ error }) => error !== undefined).length,
      deferred: phases.filter(({ deferred }) => deferred !== undefined).length,
    },
  };
}

/** Whether `up` would find something to do, or cannot tell yet: what `plan --check` answers. */
export const changesSomething = ({ summary }: PlanDocument): boolean =>
  summary.pending + summary.conflict + summary.unreachable + summary.deferred > 0;

/**
 * How the world differs from the file, each difference counted once. Drift: we made it, and it changed. Pending: the file asks for more,
 * or for less; or a closing act is still to be done. Foreign: somebody else's stands where ours should, or what must be there is not.
 * Unreachable: hosts, and phases that could not even be spelled out.
 */
export function differences({ phases }: PlanDocument): StatusDocument['counts'] {
  const steps = phases.flatMap((phase) => phase.steps);
  const changes = steps.flatMap((step) => step.changes);
  const drift = changes.filter(({ cause }) => cause === 'drift').length;
  const unsaved = steps.filter((step) => step.state === 'pending' && step.changes.length === 0).length;
  const silent = new Set(steps.filter(({ state }) => state === 'unreachable').map(({ host }) => host));
  return {
    drift,
    pending: changes.length - drift + unsaved,
    foreign: steps.flatMap((step) => step.conflicts ?? []).length,
    unreachable: silent.size + phases.filter(({ error }) => error !== undefined).length,
  };
}

function plannedPhase({ phase, looked, deferred, error }: SurveyedPhase, engine: Engine): PlannedPhase {
  const { name, by, preview } = phase;
  return {
    name,
    by,
    ...(deferred === undefined ? {} : { deferred }),
    ...(error === undefined ? {} : { error: messageOf(error) }),
    ...(preview.length > 0 && deferred !== undefined ? { preview } : {}),
    steps: looked.map((each) => plannedStep(each, engine)),
  };
}

function plannedStep({ step, found, failure }: Looked, engine: Engine): PlannedStep {
  const changes = found?.changes ?? [];
  const conflicts = found?.conflicts ?? [];
  const unsaved = engine.journal.holding(step.id)?.unclosed !== undefined;
  const unread = failure === undefined ? undefined : messageOf(failure);
  const why = unread ?? (unsaved ? `${step.close?.title ?? 'its closing act'} is still to be done` : undefined);
  const planned = changes.map((change) => plannedChange(step, change));
  return {
    ...heading(step, engine),
    risk: highest(planned.map(({ risk }) => risk)),
    state: stateOf(unread, conflicts.length, changes.length > 0 || unsaved),
    changes: planned,
    ...(conflicts.length > 0 ? { conflicts } : {}),
    ...(why === undefined ? {} : { why }),
    commands: changes.length > 0 || unsaved ? commands(step, changes, engine) : [],
  };
}

function stateOf(unread: string | undefined, conflicts: number, isDue: boolean): StepState {
  if (unread !== undefined) return 'unreachable';
  if (conflicts > 0) return 'conflict';
  return isDue ? 'pending' : 'satisfied';
}

const messageOf = (error: unknown): string =>
  flatten(error)
    .map((each) => (each instanceof Error ? each.message : String(each)))
    .join('; ');

/** A place that goes with what it stands in: nothing is sent there. */
function goneStep(step: Step, engine: Engine): PlannedStep {
  return {
    ...heading(step, engine),
    risk: 'additive',
    state: 'satisfied',
    changes: [],
    why: 'goes with what it stands in',
    commands: [],
  };
}

const heading = ({ id, kind, title, host }: Step, { ctx }: Engine) => ({ id, kind, title, host: ctx.host(host).name });

function plannedChange(step: Step, change: ElementChange): PlannedChange {
  const { key, from, to, cause } = change;
  return { key, from, to, cause, ...step.risk(change), text: step.describe(change) };
}

/** What is sent for these changes, the closing act included. */
function commands(step: Step, changes: readonly ElementChange[], { ctx }: Engine): PlannedStep['commands'] {
  const sent = [...(changes.length > 0 ? step.commands(changes) : []), ...(step.close?.commands ?? [])];
  return sent.flatMap(({ host: key = step.host, argv, ...rest }) => {
    const host = ctx.host(key);
    const line = host.put ? host.put(argv) : argv;
    return line ? [{ host: host.name, argv: line, ...rest }] : [];
  });
}

const order: readonly Risk[] = ['additive', 'disruptive', 'destructive'];
const highest = (risks: readonly Risk[]): Risk =>
  order[Math.max(0, ...risks.map((risk) => order.indexOf(risk)))] ?? 'additive';
