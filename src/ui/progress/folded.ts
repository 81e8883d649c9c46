import type { Event, Listener, StepRef } from '../../core/events.ts';
import { alike, several } from '../text/alike.ts';
import { duration } from '../text/duration.ts';

/** As many hosts of a phase get a line each. */
const FEW = 3;
/** How often it is said how far the others are. */
const TIMES = 4;

/** What a step came to, which may read the same for many hosts. */
type Ended = Extract<Event, { type: 'step.satisfied' | 'step.applied' | 'step.closed' | 'step.skipped' }>;

/** Says an event; `took` where it stands for several hosts: from how long to how long they took. */
export type Tell = (event: Event, took?: string) => void;

interface Phase {
  readonly name: string;
  /** Titles of steps that many hosts have. */
  readonly titles: ReadonlySet<string>;
  readonly steps: number;
  ended: number;
  readonly held: Ended[];
}

/**
 * Hears a run and says what many hosts of a phase have come to once, when the phase has ended, and how far they are meanwhile. All else,
 * failures above all, is said when it happens.
 */
export function folded(tell: Tell, progress: (text: string) => void): { readonly hear: Listener; flush(): void } {
  let phase: Phase | undefined;
  const flush = (): void => {
    for (const group of alike(phase?.held ?? [], textOf)) tellGroup(group, tell);
    phase = undefined;
  };
  const hold = (event: Ended, into: Phase): void => {
    into.held.push(event);
    if (event.type === 'step.closed') return;
    const before = Math.floor((into.ended * TIMES) / into.steps);
    into.ended += 1;
    if (into.ended < into.steps && Math.floor((into.ended * TIMES) / into.steps) > before)
      progress(`${into.name}: ${into.ended} of ${into.steps} steps are done`);
  };
  const hear: Listener = (event) => {
    if (phase && isEnded(event) && phase.titles.has(nameless(event))) return hold(event, phase);
    if (event.type === 'phase.start' || event.type === 'phase.end' || event.type === 'run.end') flush();
    if (event.type === 'phase.start') phase = phaseOf(event);
    tell(event);
  };
  return { hear, flush };
}

function phaseOf({ phase: name, steps }: Extract<Event, { type: 'phase.start' }>): Phase | undefined {
  const byTitle = new Map<string, Set<string>>();
  for (const step of steps) byTitle.set(nameless(step), (byTitle.get(nameless(step)) ?? new Set()).add(step.host));
  const titles = new Set([...byTitle].flatMap(([title, hosts]) => (hosts.size > FEW ? [title] : [])));
  const count = steps.filter((step) => titles.has(nameless(step))).length;
  return count > 0 ? { name, titles, steps: count, ended: 0, held: [] } : undefined;
}

const isEnded = (event: Event): event is Ended =>
  ['step.satisfied', 'step.applied', 'step.closed', 'step.skipped'].includes(event.type);

/** A title in which the host's own name stands is still the same title. */
const nameless = ({ title, host }: StepRef): string => title.replaceAll(host, '…');

/** All that is said of it, but for the host and how long it took. */
function textOf({ host, ...event }: Ended): string {
  const { step: _, ...rest } = event;
  const said =
    rest.type === 'step.applied'
      ? { ...rest, changes: rest.changes.map(({ cause, from, to }) => [cause, from === undefined, to === undefined]) }
      : rest;
  return JSON.stringify({ ...said, seconds: 0 }).replaceAll(host, '…');
}

function tellGroup(group: readonly Ended[], tell: Tell): void {
  const [first, ...others] = group;
  if (first === undefined) return;
  if (others.length === 0) tell(first);
  else tell(ofAll(first, several(group.map(({ host }) => host))), range(group));
}

/** From the quickest to the slowest. */
function range(group: readonly Ended[]): string {
  const seconds = group.map((event) => ('seconds' in event ? event.seconds : 0));
  const [least, most] = [duration(Math.min(...seconds)), duration(Math.max(...seconds))];
  return least === most ? most : `${least} to ${most}`;
}

/** Said of all of them, with `…` where the name of one stands in it. */
function ofAll(event: Ended, host: string): Ended {
  const clean = (text: string): string => text.replaceAll(event.host, '…');
  const common = { ...event, title: clean(event.title), host };
  return common.type === 'step.applied' ? { ...common, lines: common.lines.map(clean) } : common;
}
