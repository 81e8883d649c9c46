import type { PlannedChange, PlannedPhase, PlannedStep } from '../../core/documents.ts';
import { alike, several } from '../text/alike.ts';
import { clip, pad, widest, wrap } from '../text/columns.ts';
import { commandLines } from '../text/commands.ts';
import type { View } from '../text/renderer.ts';
import { count } from '../text/words.ts';
import { type ChangeGroup, type ChangeSign, changeGroups, signOf } from './change-groups.ts';

/** Lines of one step that are shown one by one before the rest is only counted. */
const SHOWN = 7;
const MARGIN = 2;
/** A title longer than this does not push the texts of all others to the right. */
const TITLE = 34;

type Sign = ChangeSign | '!' | '?' | ' ';

/** A heading and the rows under it: a phase, or what it does on one host. */
export interface Section {
  readonly heading: string;
  /** `known after Calico`, or why it cannot be known. */
  readonly deferred?: string;
  readonly preview: readonly string[];
  readonly steps: readonly PlannedStep[];
  /** Whether the rows have to say where they happen. */
  readonly mixed: boolean;
}

/** Phases as a person reads them, in order. What is already as wanted is left out, unless asked for. */
export function sections(phases: readonly PlannedPhase[], verbose = false): readonly Section[] {
  return phases.flatMap(({ name, by, preview = [], steps, ...phase }): Section[] => {
    const deferred = phase.error === undefined ? phase.deferred : `cannot be read: ${phase.error}`;
    const shown = steps.filter(({ state }) => verbose || state !== 'satisfied');
    const later = deferred === undefined ? {} : { deferred };
    if (by === 'phase' || shown.length === 0) {
      if (shown.length === 0 && deferred === undefined) return [];
      return [{ heading: name, ...later, preview, steps: shown, mixed: new Set(shown.map(hostOf)).size > 1 }];
    }
    const hosts = [...new Set(shown.map(hostOf))].map((host) => shown.filter((step) => step.host === host));
    const each = (verbose ? hosts.map((steps) => [steps]) : alike(hosts, sameButName)).map(
      ([steps = [], ...others]) => ({
        heading: several([steps, ...others].map(([step]) => step?.host ?? '')),
        preview: [],
        steps: others.length > 0 ? steps.map(nameless) : steps,
        mixed: false,
      }),
    );
    return deferred === undefined ? each : [...each, { heading: name, ...later, preview, steps: [], mixed: false }];
  });
}

/** What is to be done on a host, as it reads where many get the same: their names are in the heading. */
const nameless = (step: PlannedStep): PlannedStep => ({ ...step, title: step.title.replaceAll(step.host, '…') });

const sameButName = (steps: readonly PlannedStep[]): string =>
  JSON.stringify(
    steps.map(({ host, title, state, why, changes, conflicts }) =>
      JSON.stringify([title, state, why, changes, conflicts]).replaceAll(host, '…'),
    ),
  );

const hostOf = ({ host }: PlannedStep): string => host;

/** The rows of all sections with their texts in one column. */
export function planLines(all: readonly Section[], view: View): readonly string[] {
  const { style } = view;
  const titles = [
    ...all.flatMap((section) => section.steps.map((step) => titleOf(step, section))),
    ...all.filter(({ deferred }) => deferred).map(({ heading }) => heading),
  ].filter((title) => widest([title]) <= TITLE);
  const column = Math.max(20, widest(titles)) + 2;
  return all.flatMap((section) => {
    const margin = ' '.repeat(MARGIN);
    const heading = section.deferred
      ? deferredLines(section.heading, section.deferred, column + 2, view)
      : [margin + style.strong(section.heading)];
    const preview = section.preview.flatMap((text) =>
      wrap(text, view.width, MARGIN + 2).map((line, at) => style.dim(at === 0 ? `${margin}  ${line}` : line)),
    );
    return [...heading, ...preview, ...section.steps.flatMap((step) => stepLines(step, section, column, view))];
  });
}

function deferredLines(name: string, why: string, column: number, { style, width }: View): readonly string[] {
  const start = ' '.repeat(MARGIN) + pad(name, column);
  return wrap(why, width, widest([start])).map((line, at) => (at === 0 ? start + style.dim(line) : style.dim(line)));
}

const titleOf = ({ title, host }: PlannedStep, { mixed }: Section): string => (mixed ? `${title} on ${host}` : title);

function stepLines(step: PlannedStep, section: Section, column: number, view: View): readonly string[] {
  const title = titleOf(step, section);
  const more = view.verbose ? commandLines(step.commands, view, MARGIN + 4) : [];
  const row = (sign: Sign, text: string) => rowLines(sign, title, text, column, view);
  if (step.state === 'satisfied') return row(' ', step.why ?? 'already so');
  if (step.state === 'unreachable') return row('?', step.why ?? 'cannot be reached');
  const refused = (step.conflicts ?? []).flatMap(({ key, why }) =>
    rowLines('!', subject(title, key), why, column, view),
  );
  return [...refused, ...changeLines(step, title, column, view), ...more];
}

/** A conflict names its element where the title alone does not. */
const subject = (title: string, key: string): string =>
  key === '' || title.includes(key) ? title : `${title}: ${key}`;

function changeLines(step: PlannedStep, title: string, column: number, view: View): readonly string[] {
  const { changes } = step;
  if (changes.length === 0) return [];
  const groups = view.verbose ? changes.flatMap((change) => changeGroups([change])) : changeGroups(changes);
  const signs = new Set(groups.map(({ sign }) => sign));
  const [sign = '~'] = signs.size === 1 ? signs : [];
  const joined = groups
    .map(({ text }) => withoutTitle(text, title))
    .filter(Boolean)
    .join(', ');
  const room = view.width - MARGIN - 2 - column;
  if (groups.length === 1 || (signs.size === 1 && groups.length <= 3 && !view.verbose && widest([joined]) <= room))
    return [...rowLines(sign, title, joined, column, view), ...stakes(changes, view)];
  const shown = view.verbose || groups.length <= SHOWN ? groups : groups.slice(0, SHOWN - 2);
  const rest = changes.length - shown.reduce((sum, group) => sum + group.changes.length, 0);
  return [
    ...rowLines(sign, title, rest > 0 ? tally(changes) : '', column, view),
    ...shown.flatMap((group) => nested(group, view)),
    ...(rest > 0 ? [view.style.dim(`      … ${rest} more, shown with -v`)] : []),
    ...stakes(changes, view),
  ];
}

function nested({ sign, text }: ChangeGroup, view: View): readonly string[] {
  const [first = '', ...more] = wrap(text, view.width, MARGIN + 6);
  return [`      ${paint(sign, view)} ${first}`, ...more];
}

/** What dies by it, once each. */
function stakes(changes: readonly PlannedChange[], view: View): readonly string[] {
  const texts = changes.flatMap(({ risk, why }) => (risk === 'additive' ? [] : [why ? `${risk}: ${why}` : risk]));
  return [...new Set(texts)].flatMap((text) =>
    wrap(text, view.width, MARGIN + 4).map((line, at) => view.style.wrong(at === 0 ? `      ${line}` : line)),
  );
}

function rowLines(sign: Sign, title: string, text: string, column: number, view: View): readonly string[] {
  const start = `${' '.repeat(MARGIN)}${paint(sign, view)} `;
  const quiet = sign === ' ' ? view.style.dim : (part: string) => part;
  if (!text) return [start + quiet(title)];
  const indent = MARGIN + 2 + column;
  if (widest([title]) + 2 > column)
    return [start + quiet(clip(title, view.width - MARGIN - 2)), ...under(text, indent, view).map(quiet)];
  const [first = '', ...more] = wrap(text, view.width, indent);
  return [start + quiet(pad(title, column) + first), ...more.map(quiet)];
}

const under = (text: string, indent: number, { width }: View): readonly string[] =>
  wrap(text, width, indent).map((line, at) => (at === 0 ? ' '.repeat(indent) + line : line));

/** A describing text often begins with the name that already stands before it. */
const withoutTitle = (text: string, title: string): string =>
  text === title ? '' : text.startsWith(`${title} `) ? text.slice(title.length + 1) : text;

function tally(changes: readonly PlannedChange[]): string {
  const number = (sign: Sign) => changes.filter((change) => signOf(change) === sign).length;
  const parts = [
    [number('+'), 'to add'],
    [number('~'), 'to change'],
    [number('-'), 'to remove'],
  ] as const;
  return parts.flatMap(([many, what]) => (many > 0 ? [`${many} ${what}`] : [])).join(', ');
}

const paint = (sign: Sign, { style }: View): string =>
  ({ '+': style.done, '~': style.change, '-': style.wrong, '!': style.wrong, '?': style.wrong, ' ': style.dim })[sign](
    sign,
  );

/** `8 to add, 1 to change, 0 to remove, 1 phase known later` and what stands in the way. */
export function planSummary(phases: readonly PlannedPhase[]): string {
  const steps = phases.flatMap((phase) => phase.steps);
  const changes = steps.flatMap((step) => step.changes);
  const number = (sign: Sign) => changes.filter((change) => signOf(change) === sign).length;
  const conflicts = steps.reduce((sum, step) => sum + (step.conflicts?.length ?? 0), 0);
  const silent = new Set(steps.filter(({ state }) => state === 'unreachable').map(hostOf)).size;
  const later = phases.filter(({ deferred }) => deferred !== undefined).length;
  const unread = phases.filter(({ error }) => error !== undefined).length;
  return [
    `${number('+')} to add, ${number('~')} to change, ${number('-')} to remove`,
    ...(conflicts > 0 ? [count(conflicts, 'conflict')] : []),
    ...(silent > 0 ? [`${count(silent, 'host')} unreachable`] : []),
    ...(unread > 0 ? [`${count(unread, 'phase')} that cannot be read`] : []),
    ...(later > 0 ? [`${count(later, 'phase')} known later`] : []),
  ].join(', ');
}
