import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Call, type ExitOnly, examples, type VerbModule } from '../../cli/command.ts';
import { summaryOf } from '../../cli/failure.ts';
import { positive } from '../../cli/globals.ts';
import type { RunDocument } from '../../core/documents.ts';
import { CpaasError } from '../../core/errors.ts';
import type { Event } from '../../core/events.ts';
import { Facts } from '../../core/facts.ts';
import { routeNews } from '../../facts/cluster/route-news.ts';
import { calicoServed } from '../../kube/calico-api.ts';
import { answered, type FollowOptions, follow, Kept } from '../../kube/follow.ts';
import type { Blueprint } from '../../providers/blueprint.ts';
import { performRun } from '../../session/run/perform-run.ts';
import { openSession, type Session } from '../../session/session.ts';
import { tidyLogs } from '../../state/run-logs.ts';
import { printNext } from '../../ui/output/print.ts';
import { listener } from '../../ui/progress/listener.ts';
import { Backoff } from './backoff.ts';
import { RoundListener, type RoundResult } from './round.ts';
import { outOfStep, syncRoutes } from './sync.ts';
import { Trigger } from './trigger.ts';

interface Options {
  readonly every: number;
}

export const define: VerbModule['define'] = (command, act) => {
  command.option('--every <seconds>', 'look at the routes at least so often, whatever the API says', positive, 300);
  examples(command, [
    ['cpaas routes watch', 'until Ctrl-C: routes follow each change of a block within a second'],
    ['cpaas routes watch -o json', 'one Run document a line, for each run that did something'],
  ]);
  act<Options>(command, watchRoutes);
};

async function watchRoutes(call: Call<Options>): Promise<Answer | ExitOnly> {
  const { options, io } = call;
  // whether it is the cluster of the state is asked by each run; now its API may not be up yet
  const session = await openSession({ ...options, progress: lasting(options.progress) }, io, { apiless: true });
  try {
    const { blueprint } = session;
    if (!blueprint?.gateway) return nothingToWatch;
    // who sits at a terminal sees that it lives; whoever reads a log or events is told of changes alone
    const onTerminal = io.stderr.isTTY === true && lasting(options.progress) === 'plain';
    if (onTerminal)
      io.stderr.write(`following the pod blocks of ${session.name}; each change is told here, Ctrl-C ends it\n`);
    await watch(session, blueprint, call);
    if (onTerminal) io.stderr.write('\n');
    return { exit: 0 };
  } finally {
    await session.close();
  }
}

const nothingToWatch: Answer = {
  kind: 'RouteTable',
  data: { routes: [] },
  text: () => 'Routers reach the nodes directly: there are no host routes to watch.',
  exit: 0,
};

/** What goes on for hours is told line by line. */
const lasting = (progress: Call['options']['progress']) =>
  progress === 'json' || progress === 'none' ? progress : 'plain';

/** Follows the API, and mends the routes whenever something of them has changed, until Ctrl-C. */
async function watch({ engine, reporter, paths }: Session, { kube }: Blueprint, call: Call<Options>): Promise<void> {
  const { options, io } = call;
  const stop = new AbortController();
  const signal = AbortSignal.any([io.interrupted, stop.signal]);
  const trigger = new Trigger();
  const regularly = setInterval(trigger.fire, options.every * 1000);
  let again: NodeJS.Timeout | undefined;

  const rounds = async (): Promise<void> => {
    const backoff = new Backoff();
    const tell = telling(reporter.emit, backoff);
    for await (const _ of trigger.firings(signal, sleepFor)) {
      clearTimeout(again);
      const { error, idle } = await round(call, reporter.emit);
      const isNews = tell(error);
      if (error === undefined) continue;
      // the log of the first run that failed so says it all
      if (idle !== undefined && !isNews) tidyLogs(paths.log(idle), { useless: true });
      again = setTimeout(trigger.fire, backoff.delay);
    }
  };
  const news = async (): Promise<void> => {
    const listening: FollowOptions = { signal, changed: trigger.fire, trouble: telling(reporter.emit) };
    const served = await answered(() => new Facts(engine.ctx).get(calicoServed(kube)), listening);
    await Promise.all(routeNews(served).map((each) => follow(engine.ctx, kube, each, new Kept(), listening)));
  };

  trigger.fire();
  try {
    await Promise.all([rounds(), news()]);
  } catch (error) {
    if (!io.interrupted.aborted) throw error;
  } finally {
    stop.abort();
    clearInterval(regularly);
    clearTimeout(again);
  }
}

const sleepFor = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, { signal });

/** Says what is wrong when it is something else than the last time, and whether it was: what does not answer for hours is said once. */
function telling(emit: (event: Event) => void, backoff = new Backoff()) {
  return (error: unknown): boolean => {
    const said = error === undefined ? undefined : summaryOf(error);
    const text = said && `${said.code} ${said.message}`;
    const isNews = backoff.note(text);
    if (text !== undefined && isNews) emit({ type: 'warning', text, afresh: true });
    return isNews;
  };
}

/** One look at the routes, and a run where something is to be done. */
async function round(call: Call<Options>, emit: (event: Event) => void): Promise<RoundResult> {
  const { options, io } = call;
  // each round hears of Ctrl-C by a signal of its own: what listens to it goes with it
  const own = new AbortController();
  const relay = (): void => own.abort(io.interrupted.reason);
  io.interrupted.addEventListener('abort', relay);
  const quietly: Call = { ...call, options: { ...options, progress: 'none' }, io: { ...io, interrupted: own.signal } };
  try {
    // without the lock: `up` is not kept waiting by a watch that has nothing to do
    return (await outOfStep(quietly)) ? await mend(quietly, emit) : {};
  } catch (error) {
    if (!(error instanceof CpaasError)) throw error;
    return { error };
  } finally {
    io.interrupted.removeEventListener('abort', relay);
  }
}

async function mend(call: Call, emit: (event: Event) => void): Promise<RoundResult> {
  const events = new RoundListener(emit);
  const answer = await performRun('routes sync', call, async (run) => {
    run.reporter.addListener(listener(events.hear));
    return { outcome: await syncRoutes(run, call) };
  });
  const { outcome, run } = answer.data as RunDocument;
  const { output } = call.options;
  if (output !== 'text' && outcome !== 'unchanged') await printNext(answer.kind, answer.data, output, call.io.stdout);
  if (answer.exit === 1) throw answer.failure?.error;
  return events.result(run, answer.failure?.error);
}
