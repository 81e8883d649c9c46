import type { Answer } from '../../cli/command.ts';
import { exitOf, summaryOf } from '../../cli/failure.ts';
import type { Globals } from '../../cli/globals.ts';
import type { Io } from '../../cli/io.ts';
import type { RunDocument } from '../../core/documents.ts';
import { CpaasError, flatten } from '../../core/errors.ts';
import type { RunCommand, RunOutcome } from '../../core/journal.ts';
import { Declined } from '../../engine/consent.ts';
import { tidyLogs } from '../../state/run-logs.ts';
import { redactError } from '../../transport/redact.ts';
import { listener } from '../../ui/progress/listener.ts';
import { runEndText } from '../../ui/screens/run-end.ts';
import type { SessionOptions } from '../target.ts';
import { adhocCommand, advising, advisingAdhoc } from './advice.ts';
import { ranSteps } from './ran-steps.ts';
import { leftBy } from './recovery.ts';
import { openRun, type Run } from './run.ts';

/** What a run came to; with what holds now, in words. */
export interface Carried {
  readonly outcome: RunOutcome;
  readonly proof?: readonly string[];
  /** The neighbors that it took away, where it was these alone. */
  readonly from?: readonly string[];
  /** What nobody can do of it: the run is over all the same, and there is nothing to go on with. */
  readonly short?: CpaasError;
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
    error = carried.short;
  } catch (caught) {
    const advised = advising(redactError(caught, run.hearing.secrets), command);
    error = session.adhoc ? advisingAdhoc(advised) : advised;
    carried = { outcome: outcomeOf(caught, io) };
  }
  const seconds = engine.clock() - start;
  try {
    engine.journal.end(carried.outcome, seconds);
    if (session.fileless) run.tidy();
  } catch (caught) {
    error = and(error, caught);
    carried = { outcome: outcomeOf(error, io) };
  }
  engine.emit({ type: 'run.end', outcome: carried.outcome, seconds });
  const { only } = options as { readonly only?: string };
  const phases = command === 'up' && only === undefined ? run.plan.phases.map((phase) => phase.name) : [];
  const as = session.adhoc ? adhocCommand : (line: string) => line;
  const again = !flatten(error).every(isMiscall);
  const behind = leftBy(steps, { run: run.run, command, journal: engine.journal, phases, again, as });
  const left = carried.short ? { ...behind, next: [] } : behind;
  await run.close();
  tidyLogs(run.paths.log(run.run), { useless: carried.outcome === 'unchanged' && error === undefined });
  const document: RunDocument = {
    cluster: name,
    run: run.run,
    outcome: carried.outcome,
    steps: steps.list(),
    ...(error === undefined ? {} : { error: summaryOf(error, left, options) }),
    seconds: Math.round(seconds * 1000) / 1000,
  };
  const failed = error !== undefined && !(carried.outcome === 'interrupted');
  const { proof = [], from } = carried;
  return {
    kind: 'Run',
    data: document,
    text: (view) =>
      failed
        ? ''
        : runEndText({ run: document, command, proof, left, ...subjectOf(run), ...(from ? { from } : {}) }, view),
    ...(failed ? { failure: { error, ...left, log: run.paths.log(run.run) } } : {}),
    exit: error === undefined ? 0 : exitOf(error, io),
  };
}

/** What a run is about where no file has given it a name: the units. */
const subjectOf = ({ adhoc }: Run): { readonly units?: readonly string[] } => (adhoc ? { units: adhoc.names } : {});

/** Failures of the call itself: made again in the same words it would come to the same end. */
const MISCALLS = /^(USAGE\.\w+|ROLLBACK\.NO_RUN|CONSENT\.NEEDED|HOST\.ROOT|LAB\.ROOT)$/;
const isMiscall = (error: unknown): boolean => error instanceof CpaasError && MISCALLS.test(error.code);

/** Both failures, where there was one before. */
export const and = (error: unknown, another: unknown): unknown =>
  error === undefined ? another : new AggregateError([error, another]);

function outcomeOf(error: unknown, { interrupted }: Pick<Io, 'interrupted'>): RunOutcome {
  if (interrupted.aborted) return 'interrupted';
  return flatten(error).some((each) => each instanceof Declined) ? 'declined' : 'failed';
}
