import type { Evidence, NextAction } from '../../core/errors.ts';
import { pad, widest, wrap } from '../text/columns.ts';
import { type Failure, failures } from '../text/failures.ts';
import { harmlessText } from '../text/harmless.ts';
import { type Renderer, renderer, type View } from '../text/renderer.ts';

export interface ErrorScreen {
  /** Whatever was thrown; an aggregate shows all of its errors. */
  readonly error: unknown;
  /** What is left in the world, and what can be done about it, whatever it was that failed. */
  readonly state?: readonly Evidence[];
  readonly next?: readonly NextAction[];
  /** Path of the run's log, as it is to be printed. */
  readonly log?: string;
  /** Takes secrets out, once some were revealed. */
  readonly redact?: (text: string) => string;
}

const INDENT = 4;
/** Columns that what is said beside a command wants at least. */
const LABEL = 24;

/** What went wrong: its code and sentence, what was seen, what to do next. A stack is shown only for a bug of ours. */
export function errorText({ error, redact, state = [], next = [], log }: ErrorScreen, view: View): string {
  const all = failures(error, redact);
  return failuresText({ failures: all, state, next, ...(log === undefined ? {} : { log }) }, view);
}

type Screen = Pick<ErrorScreen, 'log'> & Required<Pick<ErrorScreen, 'state' | 'next'>>;
const failuresText: Renderer<Screen & { readonly failures: readonly Failure[] }> = renderer(
  ({ failures, state, next, log }, view) => [
    ...failures.flatMap((failure, at) => [...(at > 0 ? [''] : []), ...failureLines(failure, view)]),
    ...(failures.length > 1 && state.length > 0 ? [''] : []),
    ...evidenceLines(state, view),
    ...nextLines(failures, next, view),
    ...(log === undefined ? [] : [`  ${view.style.dim(`log: ${log}`)}`]),
  ],
);

function failureLines({ code, message, evidence, stack }: Failure, view: View): readonly string[] {
  const { style, width } = view;
  const name = style.strong(style.wrong(code ?? 'BUG'));
  const lines = message.split('\n').flatMap((line) => wrap(line, width - INDENT));
  const [first = '', ...more] = lines;
  const head = `${style.wrong('✖')} ${name}  ${first}`;
  const fits = widest([head]) <= width;
  const margin = ' '.repeat(INDENT);
  return [
    ...(fits ? [head] : [`${style.wrong('✖')} ${name}`, margin + first]),
    ...more.map((line) => margin + line),
    ...evidenceLines(evidence, view),
    ...(code ? [] : stackLines(stack, message, view)),
  ];
}

/** Labels in one column, texts in another. */
export function evidenceLines(evidence: Failure['evidence'], { style, width }: View): readonly string[] {
  const labels = Math.min(30, widest(evidence.map(({ label }) => label))) + 2;
  return evidence.flatMap(({ label, text }) =>
    text.split('\n').flatMap((line, at) => {
      const start = ' '.repeat(INDENT) + style.dim(pad(at === 0 ? `${label}  ` : '', labels));
      const [first = '', ...more] = wrap(line, width, INDENT + labels);
      return [start + first, ...more];
    }),
  );
}

/** The frames alone: the first lines of a stack repeat the message. */
function stackLines(stack: string | undefined, message: string, { style }: View): readonly string[] {
  const frames = harmlessText(stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !message.includes(line));
  return [...frames, '    This is a bug in cpaas. Please report it with these lines.'].map(style.dim);
}

const same = (command: string): string => command;

/** The commands to go on with, each once; the explanation last. */
function nextLines(
  failures: readonly Failure[],
  more: readonly NextAction[],
  { style, width, as = same }: View,
): readonly string[] {
  const offered = [...failures.flatMap(({ next }) => next), ...more].map(({ label, command }) => ({
    label,
    ...(command === undefined ? {} : { command: as(command) }),
  }));
  const codes = [...new Set(failures.flatMap(({ code }) => (code ? [code] : [])))];
  const explained = codes.map((code) => ({ label: '', command: `cpaas explain ${code}` }));
  const all = [...offered, ...explained].filter(
    ({ label, command }, at, list) =>
      list.findIndex((other) => (command ? other.command === command : other.label === label)) === at,
  );
  // a command that leaves no room for words beside it has them below
  const room = width - INDENT - LABEL;
  const beside = all.flatMap(({ label, command }) => (command && label && widest([command]) <= room ? [command] : []));
  const column = widest(beside) + 3;
  return all.flatMap(({ label, command }) => {
    const arrow = `  ${style.change('→')} `;
    if (command === undefined) return wrap(label, width, INDENT).map((line, at) => (at === 0 ? arrow + line : line));
    if (!label) return [arrow + style.strong(command)];
    if (!beside.includes(command)) {
      const below = ' '.repeat(6);
      return [
        arrow + style.strong(command),
        ...wrap(label, width, 6).map((line, at) => (at === 0 ? below + line : line)),
      ];
    }
    const [first = '', ...more] = wrap(label, width, INDENT + column);
    return [arrow + style.strong(pad(command, column)) + first, ...more];
  });
}
