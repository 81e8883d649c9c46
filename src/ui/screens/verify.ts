import type { Check, VerifyDocument } from '../../core/documents.ts';
import { pad, widest, wrap } from '../text/columns.ts';
import { duration } from '../text/duration.ts';
import { type Renderer, renderer, type View } from '../text/renderer.ts';
import { count } from '../text/words.ts';

/** What was proven, one line a kind of check; what failed or was left out, each on its own with why. */
export const verifyText: Renderer<VerifyDocument> = renderer(({ checks, summary }, view) => {
  if (checks.length === 0) return ['There was nothing to check.'];
  const titles = [...new Set(checks.map(({ title }) => title))];
  const column = widest(titles) + 2;
  const lines = titles.flatMap((title) =>
    titleLines(
      title,
      checks.filter((check) => check.title === title),
      column,
      view,
    ),
  );
  return [...lines, '', summaryLine(checks, summary, view)];
});

function titleLines(title: string, checks: readonly Check[], column: number, view: View): readonly string[] {
  const { style, verbose = false } = view;
  const passed = checks.filter(({ result }) => result === 'pass');
  const single = (sign: string) => (check: Check) => checkLines(sign, check, column, view);
  const good =
    passed.length > 1 && !verbose
      ? [passLine(title, passed, checks.length, column, view)]
      : passed.flatMap(single(style.done('✔')));
  return [
    ...good,
    ...checks.filter(({ result }) => result === 'fail').flatMap(single(style.wrong('✖'))),
    ...checks.filter(({ result }) => result === 'skip').flatMap(single(style.change('-'))),
  ];
}

/** Those that passed on one line: by name where there is room, otherwise by number. */
function passLine(
  title: string,
  passed: readonly Check[],
  all: number,
  column: number,
  { style, width }: View,
): string {
  const subjects = passed.map(({ subject }) => subject).join(', ');
  const room = width - 2 - column;
  const text =
    widest([subjects]) <= room ? subjects : passed.length === all ? `all ${all}` : `${passed.length} of ${all}`;
  return `${style.done('✔')} ${pad(title, column - 2)}  ${text}`;
}

function checkLines(sign: string, { title, subject, detail, result }: Check, column: number, view: View) {
  const text = [subject, detail].filter(Boolean).join(': ');
  const shown = result === 'pass' && !view.verbose ? subject : text;
  const [first = '', ...more] = wrap(shown, view.width, column + 2);
  return [`${sign} ${pad(title, column - 2)}  ${first}`, ...more];
}

function summaryLine(
  checks: readonly Check[],
  { pass, fail, skip }: VerifyDocument['summary'],
  { style }: View,
): string {
  const seconds = duration(checks.reduce((sum, check) => sum + check.seconds, 0));
  const left = skip > 0 ? `, ${skip} skipped` : '';
  if (fail > 0)
    return `${style.wrong('✖')} ${count(fail, 'check')} failed, ${pass} passed${left}.   ${style.dim(seconds)}`;
  return `${style.done('✔')} ${count(pass, 'check')} passed${left}.   ${style.dim(seconds)}`;
}
