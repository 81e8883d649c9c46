import type { RanStep, RunDocument } from '../core/documents.ts';
import { flatten } from '../core/errors.ts';
import type { Event } from '../core/events.ts';
import type { RunCommand, RunOutcome } from '../core/journal.ts';
import { Declined } from '../engine/consent.ts';
import { tidyLogs } from '../state/run-logs.ts';
import { redactError } from '../transport/redact.ts';
import { listener } from '../ui/listener.ts';
import { runEndText } from '../ui/run-end.ts';
import { advising, advisingAdhoc } from './advice.ts';
import type { Answer } from './command.ts';
import { exitOf, summaryOf } from './failure.ts';
import type { Globals } from './globals.ts';
import type { Io } from './io.ts';
import { openRun, type Run } from './run.ts';
import type { SessionOptions } from './target.ts';

/** What a run came to; with what holds now, in words. */
export interface Carried {
  readonly outcome: RunOutcome;
  readonly proof?: readonly string[];
  /** The neighbors that it took away, where it was these alone. */
  readonly from?: readonly string[];
}

/** Does something under the cluster's lock and tells how it went: whatever happens, the journal is whole and the answer says so. */
export async function carryOut(
  command: RunCommand,
  { options, io }: { readonly options: Globals; readonly io: Io },
  act: (run: Run) => Promise<Carried>,
  session: SessionOptions = {},
): Promise<Answer> {
  const run = await openRun(options, io, command, session);
  const { engine, name } = run;
  const start = engine.clock();
  const steps = ranSteps(command);
  run.hearing.listen(listener(steps.hear));
  let carried: Carried;
  let error: unknown;
  try {
    carried = await act(run);
  } catch (caught) {
    const advised = advising(redactError(caught, run.hearing.secrets), command);
    error = session.adhoc ? advisingAdhoc(advised) : advised;
    carried = { outcome: outcomeOf(caught, io) };
  }
  const seconds = engine.clock() - start;
  try {
    engine.journal.end(carried.outcome);
    if (session.fileless) run.tidy();
  } catch (caught) {
    error = and(error, caught);
    carried = { outcome: outcomeOf(error, io) };
  }
  engine.emit({ type: 'run.end', outcome: carried.outcome, seconds });
  await run.close();
  tidyLogs(run.paths.log(run.run), { useless: carried.outcome === 'unchanged' && error === undefined });
  const document: RunDocument = {
    cluster: name,
    run: run.run,
    outcome: carried.outcome,
    steps: steps.list(),
    ...(error === undefined ? {} : { error: summaryOf(error) }),
    seconds: Math.round(seconds * 1000) / 1000,
  };
  const failed = error !== undefined && !(carried.outcome === 'interrupted');
  const { proof = [], from } = carried;
  return {
    kind: 'Run',
    data: document,
    text: (view) =>
      failed ? '' : runEndText({ run: document, command, proof, ...subjectOf(run), ...(from ? { from } : {}) }, view),
    ...(failed ? { failure: { error, log: run.paths.log(run.run) } } : {}),
    exit: error === undefined ? 0 : exitOf(error, io),
  };
}

/** What a run is about where no file has given it a name: the units. */
const subjectOf = ({ adhoc }: Run): { readonly units?: readonly string[] } => (adhoc ? { units: adhoc.names } : {});

/** Both failures, where there was one before. */
export const and = (error: unknown, another: unknown): unknown =>
  error === undefined ? another : new AggregateError([error, another]);

function outcomeOf(error: unknown, { interrupted }: Pick<Io, 'interrupted'>): RunOutcome {
  if (interrupted.aborted) return 'interrupted';
  return flatten(error).some((each) => each instanceof Declined) ? 'declined' : 'failed';
}

/** What became of each step. One that was both added to and taken from counts once, by what weighs more. */
function ranSteps(begun: RunCommand) {
  let command = begun;
  const steps = new Map<string, RanStep>();
  const applied = (): RanStep['outcome'] => (command === 'rollback' ? 'rolled-back' : 'applied');
  const weight = ['satisfied', 'skipped', 'applied', 'rolled-back', 'failed'];
  const note = (event: Extract<Event, { readonly step: string }>, outcome: RanStep['outcome'], seconds = 0): void => {
    const { step: id, title, host } = event;
    const before = steps.get(id);
    const outcomes = [outcome, ...(before ? [before.outcome] : [])];
    const heaviest = outcomes.reduce((one, other) => (weight.indexOf(other) > weight.indexOf(one) ? other : one));
    const total = (before?.seconds ?? 0) + seconds;
    steps.set(id, { id, title, host, outcome: heaviest, seconds: Math.round(total * 1000) / 1000 });
  };
  const hear = (event: Event): void => {
    // a run that fails may go on as the one that undoes it
    if (event.type === 'run.start') command = event.command;
    else if (event.type === 'step.applied') note(event, applied(), event.seconds);
    else if (event.type === 'step.closed') note(event, applied());
    else if (event.type === 'step.satisfied') note(event, 'satisfied', event.seconds);
    else if (event.type === 'step.failed') note(event, 'failed', event.seconds);
    else if (event.type === 'step.skipped') note(event, 'skipped');
  };
  return { hear, list: (): readonly RanStep[] => [...steps.values()] };
}
