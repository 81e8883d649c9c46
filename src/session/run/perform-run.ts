import type { Answer } from '../../cli/command.ts';
import { exitOf, type Recovery, summaryOf } from '../../cli/failure.ts';
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
import { recoveryFrom } from './recovery.ts';
import { openRun, type Run } from './run.ts';

/** What a run came to; with what holds now, in words. */
export interface RunResult {
  readonly outcome: RunOutcome;
  readonly proof?: readonly string[];
  /** The neighbors that it took away, where it was these alone. */
  readonly from?: readonly string[];
  /** What nobody can do of it: the run is over all the same, and there is nothing to go on with. */
  readonly shortfall?: CpaasError;
}

/** Does something under the cluster's lock and tells how it went: whatever happens, the journal is whole and the answer says so. */
export async function performRun(
  command: RunCommand,
  { options, io }: { readonly options: Globals; readonly io: Io },
  act: (run: Run) => Promise<RunResult>,
  session: SessionOptions = {},
): Promise<Answer> {
  const run = await openRun(options, io, command, session);
  const { engine } = run;
  const steps = ranSteps(command);
  run.reporter.addListener(listener(steps.hear));
  const ended = await toItsEnd(run, command, io, act, session);
  const { outcome, shortfall } = ended;
  engine.emit({ type: 'run.end', outcome, seconds: ended.seconds });
  const { only } = options as { readonly only?: string };
  const phases = command === 'up' && only === undefined ? run.plan.phases.map((phase) => phase.name) : [];
  const as = session.adhoc ? adhocCommand : (line: string) => line;
  const again = !flatten(ended.error).every(isMiscall);
  const recovery = recoveryFrom(steps, { run: run.run, command, journal: engine.journal, phases, again, as });
  await run.close();
  tidyLogs(run.paths.log(run.run), { useless: outcome === 'unchanged' && ended.error === undefined });
  return answerOf(run, command, ended, steps.list(), shortfall ? { ...recovery, next: [] } : recovery, { options, io });
}

interface EndedRun extends RunResult {
  readonly error?: unknown;
  readonly seconds: number;
}

/** Runs it, and has the journal say how it ended; whatever is thrown on the way is its error. */
async function toItsEnd(
  run: Run,
  command: RunCommand,
  io: Io,
  act: (run: Run) => Promise<RunResult>,
  { adhoc, fileless }: SessionOptions,
): Promise<EndedRun> {
  const { engine, reporter } = run;
  const start = engine.clock();
  let result: RunResult;
  let error: unknown;
  try {
    result = await act(run);
    error = result.shortfall;
  } catch (caught) {
    const advised = advising(redactError(caught, reporter.secrets), command);
    error = adhoc ? advisingAdhoc(advised) : advised;
    result = { outcome: outcomeOf(caught, io) };
  }
  const seconds = engine.clock() - start;
  try {
    engine.journal.end(result.outcome, seconds);
    if (fileless) run.tidy();
  } catch (caught) {
    error = bothFailures(error, caught);
    result = { outcome: outcomeOf(error, io) };
  }
  return { ...result, error, seconds };
}

function answerOf(
  run: Run,
  command: RunCommand,
  { outcome, error, seconds, proof = [], from }: EndedRun,
  steps: RunDocument['steps'],
  left: Recovery,
  { options, io }: { readonly options: Globals; readonly io: Io },
): Answer {
  const document: RunDocument = {
    cluster: run.name,
    run: run.run,
    outcome,
    steps,
    ...(error === undefined ? {} : { error: summaryOf(error, left, options) }),
    seconds: Math.round(seconds * 1000) / 1000,
  };
  const failed = error !== undefined && outcome !== 'interrupted';
  const screen = { run: document, command, proof, left, ...subjectOf(run), ...(from ? { from } : {}) };
  return {
    kind: 'Run',
    data: document,
    text: (view) => (failed ? '' : runEndText(screen, view)),
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
export const bothFailures = (error: unknown, another: unknown): unknown =>
  error === undefined ? another : new AggregateError([error, another]);

function outcomeOf(error: unknown, { interrupted }: Pick<Io, 'interrupted'>): RunOutcome {
  if (interrupted.aborted) return 'interrupted';
  return flatten(error).some((each) => each instanceof Declined) ? 'declined' : 'failed';
}
