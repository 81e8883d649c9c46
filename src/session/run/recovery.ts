import type { Recovery } from '../../cli/failure.ts';
import { grouped } from '../../core/grouped.ts';
import type { Holding, Journal, RunCommand } from '../../core/journal.ts';
import type { RanSteps } from './ran-steps.ts';

interface Ended {
  readonly run: string;
  readonly command: RunCommand;
  readonly journal: Pick<Journal, 'runs' | 'holdings'>;
  /** Of the plan, where the run was about all of it. */
  readonly phases: readonly string[];
  /** Whether the same call can come further: it cannot where its words are wrong. */
  readonly again: boolean;
  /** How a command has to be called here. */
  readonly as: (command: string) => string;
}

export function recoveryFrom(steps: RanSteps, { run, command, journal, phases, again, as }: Ended): Recovery {
  const record = journal.runs().find((each) => each.run === run);
  const ran = steps.list();
  const of = (...outcomes: readonly string[]) => byHost(ran.filter(({ outcome }) => outcomes.includes(outcome)));
  const holdings = journal.holdings();
  const where = (is: (holding: Holding) => boolean): readonly string[] => {
    const places = new Set(holdings.filter(is).map(({ step }) => step));
    return byHost(ran.filter(({ id }) => places.has(id)));
  };
  const unsure = where(({ elements }) => [...elements.values()].some(({ settled }) => !settled));
  const unsaved = where(({ unclosed }) => unclosed !== undefined);
  const later = phases.filter((phase) => !steps.phases().has(phase));
  const waiting = byHost(steps.waiting());
  const said: readonly (readonly [label: string, texts: readonly string[]])[] = [
    ['done', of('applied')],
    ['undone', of('rolled-back')],
    ['begun', unsure.map((text) => `${text}; the journal knows what may be there`)],
    ['unsaved', unsaved],
    ['not done', [...waiting, ...(ran.length > 0 && later.length > 0 ? [later.join(', ')] : [])]],
    ['left', steps.left()],
  ];
  const state = said.flatMap(([label, texts]) => (texts.length > 0 ? [{ label, text: texts.join('\n') }] : []));
  const changed = record !== undefined && record.changes.length > 0;
  const same = record?.undoes === undefined ? command : `${command} ${record.undoes}`;
  return {
    state:
      changed || state.some(({ label }) => label === 'left')
        ? state
        : [{ label: 'state', text: 'nothing was changed' }],
    next: [
      ...(again ? [{ label: 'goes on from here', command: as(`cpaas ${same}`) }] : []),
      ...(changed && command !== 'forget' ? [{ label: 'undoes this run', command: as(`cpaas rollback ${run}`) }] : []),
    ],
  };
}

/** `bigip1: BGP on route domain 0, route to 172.19.0.0/16`: a line for each host. */
const byHost = (steps: readonly { readonly host: string; readonly title: string }[]): readonly string[] =>
  [...grouped(steps, ({ host }) => host)].map(
    ([host, its]) => `${host}: ${[...new Set(its.map(({ title }) => title))].join(', ')}`,
  );
