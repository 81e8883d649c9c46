import type { RunDocument } from '../../core/documents.ts';
import type { Evidence, NextAction } from '../../core/errors.ts';
import type { RunCommand } from '../../core/journal.ts';
import { spread, wrap } from '../text/columns.ts';
import { duration } from '../text/duration.ts';
import { type Renderer, renderer, type View } from '../text/renderer.ts';
import { and, count } from '../text/words.ts';
import { evidenceLines } from './error.ts';

export interface RunEnd {
  readonly run: RunDocument;
  readonly command: RunCommand;
  /** What holds now, read back: `4 sessions Established at both ends`. */
  readonly proof?: readonly string[];
  /** What it was about where no file has a name for it. */
  readonly units?: readonly string[];
  /** The neighbors that were taken away, where it was these alone. */
  readonly from?: readonly string[];
  /** What a run that did not come to its end leaves behind, and the commands that lead on and back. */
  readonly left?: { readonly state: readonly Evidence[]; readonly next: readonly NextAction[] };
}

/** The last lines of a run: how it ended, how long it took, and what can be done next. Its error is another block. */
export const runEndText: Renderer<RunEnd> = renderer((end, view) => {
  const { style, width } = view;
  const { good, text } = sentence(end);
  const mark = good ? style.done('✔') : style.wrong('✖');
  // the terminal has shown ^C on this line
  const margin = Math.min(width, 100) - (end.run.outcome === 'interrupted' ? 2 : 0);
  const time = duration(end.run.seconds);
  const [first = '', ...more] = wrap(text, margin - 2 - (text.length > margin - 14 ? 0 : time.length + 2), 0);
  const last = more.at(-1);
  const lines =
    last === undefined
      ? spread(`${mark} ${first}`, style.dim(time), margin)
      : [
          `${mark} ${first}`,
          ...more.slice(0, -1).map((line) => `  ${line}`),
          ...spread(`  ${last}`, style.dim(time), margin),
        ];
  const state = end.run.outcome === 'interrupted' ? (end.left?.state ?? []) : [];
  return [...lines, ...evidenceLines(state, view), ...hints(end, view)];
});

function sentence({ run, command, proof = [], units, from }: RunEnd): {
  readonly good: boolean;
  readonly text: string;
} {
  const { cluster, outcome } = run;
  switch (outcome) {
    case 'unchanged':
      return { good: true, text: unchanged(command, cluster, units) };
    case 'applied': {
      const facts =
        proof.length > 0
          ? proof
          : [
              undoes.has(command)
                ? `${count(stepsOf(run, 'applied') + stepsOf(run, 'rolled-back'), 'step')} undone`
                : `${count(stepsOf(run, 'applied'), 'step')} applied`,
            ];
      return {
        good: true,
        text: `${applied(command, run, units)}${from ? ` with ${and(from)}` : ''}: ${facts.join(', ')}.`,
      };
    }
    case 'declined':
      return { good: false, text: 'Declined: nothing was changed.' };
    case 'interrupted':
      return { good: false, text: `Interrupted: ${tally(run)}. What was started has ended, and the journal knows it.` };
    case 'failed':
      return { good: false, text: `${command} failed: ${tally(run)}.` };
  }
}

function applied(command: RunCommand, { cluster }: RunDocument, units: RunEnd['units']): string {
  if (units)
    return `${and(units)} ${units.length > 1 ? 'are' : 'is'} ${command === 'bgp peer' ? '' : 'no longer '}peered`;
  const said: Partial<Record<RunCommand, string>> = {
    up: `${cluster} is up`,
    down: `${cluster} is down`,
    rollback: `${cluster} is rolled back`,
    'bgp peer': `${cluster} is peered`,
    'bgp unpeer': `${cluster} is no longer peered`,
    'routes sync': `the host routes of ${cluster} are in step`,
    'routes clear': `the host routes of ${cluster} are gone`,
  };
  return said[command] ?? `${command} ${cluster} is done`;
}

const undoes: ReadonlySet<RunCommand> = new Set(['down', 'rollback', 'bgp unpeer', 'routes clear']);

function unchanged(command: RunCommand, cluster: string, units: RunEnd['units']): string {
  if (units)
    return command === 'bgp peer'
      ? `${and(units)} ${units.length > 1 ? 'are' : 'is'} as asked. Nothing changed.`
      : `There is nothing of ours on ${and(units)}. Nothing changed.`;
  if (undoes.has(command)) return `There is nothing of ${cluster} to undo. Nothing changed.`;
  return command === 'forget' ? 'Nothing changed.' : `${cluster} is as its file says. Nothing changed.`;
}

const stepsOf = ({ steps }: RunDocument, outcome: RunDocument['steps'][number]['outcome']): number =>
  steps.filter((step) => step.outcome === outcome).length;

function tally(run: RunDocument): string {
  const parts = [
    [stepsOf(run, 'applied'), 'applied'],
    [stepsOf(run, 'rolled-back'), 'rolled back'],
    [stepsOf(run, 'satisfied'), 'already so'],
    [stepsOf(run, 'failed'), 'failed'],
    [stepsOf(run, 'skipped'), 'not done'],
  ] as const;
  const said = parts.filter(([many]) => many > 0);
  if (said.length === 0) return 'no step had started';
  return and(said.map(([many, what], at) => (at === 0 ? `${count(many, 'step')} ${what}` : `${many} ${what}`)));
}

function hints({ run, command, units, left }: RunEnd, { style, width, as = (line) => line }: View): readonly string[] {
  const next = nextOf(run, command, units, left?.next ?? []).map(([what, why]) => [as(what), why] as const);
  if (next.length === 0) return [];
  const line = next.map(([what, why]) => `${what}   ${style.dim(why)}`).join('        ');
  const plain = next.map(([what, why]) => `${what}   ${why}`).join('        ');
  if (plain.length + 2 <= width) return [`  ${line}`];
  const column = Math.max(...next.map(([what]) => what.length));
  return next.map(([what, why]) => `  ${what.padEnd(column)}   ${style.dim(why)}`);
}

type Hint = readonly [command: string, why: string];

function nextOf(
  { outcome }: RunDocument,
  command: RunCommand,
  units: RunEnd['units'],
  left: readonly NextAction[],
): readonly Hint[] {
  if (outcome === 'applied' && command === 'up')
    return [
      ['cpaas verify', 'proves it with packets'],
      ['cpaas status', 'shows it'],
      ['cpaas down', 'undoes it'],
    ];
  if (outcome === 'applied' && command === 'bgp peer' && units)
    return [
      ['cpaas bgp status --router …', 'shows the sessions'],
      ['cpaas bgp unpeer --router …', 'takes this away again'],
    ];
  if (outcome !== 'interrupted') return [];
  return left.flatMap(({ command: line, label }): Hint[] => (line === undefined ? [] : [[line, label]]));
}
