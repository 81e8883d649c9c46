import { examples, type VerbModule } from '../cli/command.ts';
import { CpaasError, type NextAction } from '../core/errors.ts';
import type { Holding } from '../core/journal.ts';
import { quoteAll } from '../core/quote.ts';
import { performRun } from '../session/run/perform-run.ts';
import type { Run } from '../session/run/run.ts';

interface Options {
  readonly all?: boolean;
}

export const define: VerbModule['define'] = (command, act) => {
  command
    .argument('[place]', 'a host by the name it has in messages, or a step by its id')
    .option('--all', 'everything that the journal holds');
  examples(command, [
    ['cpaas forget bigip2', 'a unit that is dead for good: its holdings are given up'],
    ['cpaas forget --cluster cpaas1 --all', 'a cluster that is no more'],
  ]);
  act<Options>(command, ({ args: [place], options, io }) =>
    performRun('forget', { options, io }, async (run) => forget(run, chosen(run, place, options)), { fileless: true }),
  );
};

/** Gives up holdings: recorded, never contacted. */
function forget({ engine }: Run, holdings: readonly Holding[]) {
  for (const holding of holdings) {
    const keys = [...holding.elements.keys()];
    engine.journal.release(holding.step, keys);
    if (engine.journal.holding(holding.step)) engine.journal.closed(holding.step);
    const { title } = engine.revive(holding);
    const host = engine.ctx.host(holding.host).name;
    const phase = holding.phase.name;
    engine.emit({ type: 'step.released', keys, why: 'forgotten', step: holding.step, title, host, phase });
  }
  return { outcome: holdings.length > 0 ? ('applied' as const) : ('unchanged' as const) };
}

function chosen({ engine, record, name }: Run, place: string | undefined, { all }: Options): readonly Holding[] {
  const holdings = engine.journal.holdings();
  if (all) return holdings;
  const known = [...new Set(holdings.map(({ host }) => engine.ctx.host(host).name))];
  if (place === undefined)
    throw new CpaasError('USAGE.PLACE', 'which place is to be forgotten?', {
      evidence: [{ label: 'places', text: known.join(', ') || 'the journal holds nothing' }],
      next: offered(known),
    });
  // a host that left the file keeps the name it had there
  const named = (key: string): boolean => engine.ctx.host(key).name === place || record.hosts[key]?.name === place;
  const found = holdings.filter(({ host, step }) => step === place || host === place || named(host));
  if (found.length === 0 && !Object.values(record.hosts).some((host) => host.name === place))
    throw new CpaasError('USAGE.PLACE', `the journal of ${name} holds nothing at ${place}`, {
      evidence: [{ label: 'places', text: known.join(', ') || 'none' }],
      next: offered(known),
    });
  return found;
}

const offered = (places: readonly string[]): readonly NextAction[] =>
  places.map((place) => ({ label: `gives up what is on ${place}`, command: `cpaas forget ${quoteAll([place])}` }));
