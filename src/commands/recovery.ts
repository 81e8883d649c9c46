import type { Evidence, NextAction } from '../core/errors.ts';
import type { Journal, RunCommand } from '../core/journal.ts';
import type { RanSteps } from './ran-steps.ts';

/** What a run that did not come to its end leaves behind, and the commands that lead on and back. */
export interface Left {
  readonly state: readonly Evidence[];
  readonly next: readonly NextAction[];
}

interface Ended {
  readonly run: string;
  readonly command: RunCommand;
  readonly journal: Pick<Journal, 'runs' | 'holdings'>;
  /** Of the plan, where the run was about all of it. */
  readonly phases: readonly string[];
  /** How a command has to be called here. */
  readonly as: (command: string) => string;
}

export function leftBy(steps: RanSteps, { run, command, journal, phases, as }: Ended): Left {
  const record = journal.runs().find((each) => each.run === run);
  const ran = steps.list();
  const of = (...outcomes: readonly string[]) => grouped(ran.filter(({ outcome }) => outcomes.includes(outcome)));
  const open = journal.holdings().filter(({ elements }) => [...elements.values()].some(({ settled }) => !settled));
  const unsure = grouped(ran.filter(({ id }) => open.some(({ step }) => step === id)));
  const unsaved = grouped(
    ran.filter(({ id }) => journal.holdings().some(({ step, unclosed }) => step === id && unclosed)),
  );
  const later = phases.filter((phase) => !steps.phases().has(phase));
  const waiting = grouped(steps.waiting());
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
  const again = record?.undoes === undefined ? command : `${command} ${record.undoes}`;
  return {
    state:
      changed || state.some(({ label }) => label === 'left')
        ? state
        : [{ label: 'state', text: 'nothing was changed' }],
    next: [
      { label: 'goes on from here', command: as(`cpaas ${again}`) },
      ...(changed && command !== 'forget' ? [{ label: 'undoes this run', command: as(`cpaas rollback ${run}`) }] : []),
    ],
  };
}

/** `bigip1: BGP on route domain 0, route to 172.19.0.0/16`: a line for each host. */
function grouped(steps: readonly { readonly host: string; readonly title: string }[]): readonly string[] {
  const hosts = [...new Set(steps.map(({ host }) => host))];
  return hosts.map((host) => {
    const titles = steps.filter((step) => step.host === host).map(({ title }) => title);
    return `${host}: ${[...new Set(titles)].join(', ')}`;
  });
}
