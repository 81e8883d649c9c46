import type { DoctorDocument, DoctorFinding } from '../../core/documents.ts';
import { wrap } from '../text/columns.ts';
import { type Renderer, renderer, type View } from '../text/renderer.ts';
import { count } from '../text/words.ts';
import { leftOutLines } from './left-out.ts';

/** Each finding with what shows it and what to do about it; the last line says how many there are. */
export const doctorText: Renderer<DoctorDocument> = renderer(({ cluster, findings, leftOut }, view) => {
  const { style } = view;
  const others = leftOutLines(leftOut, view);
  if (findings.length === 0)
    return [...others, `${style.done('✔')} Nothing is wrong with ${cluster}, as far as it can be seen from here.`];
  return [
    ...findings.flatMap((finding) => [...findingLines(finding, view), '']),
    ...others,
    `${style.wrong('✖')} ${count(findings.length, 'finding')}.   cpaas explain CODE   says more about each`,
  ];
});

function findingLines(
  { code, severity, subject, evidence, fix }: DoctorFinding,
  { style, width, as = (command) => command }: View,
): readonly string[] {
  const sign = severity === 'error' ? style.wrong('✖') : style.change('!');
  const under = (text: string): readonly string[] =>
    text.split('\n').flatMap((line) => {
      const [first = '', ...more] = wrap(line, width, 4);
      return [`    ${first}`, ...more];
    });
  const [first = '', ...more] = wrap(`${code}  ${subject}`, width, 4);
  // as it can be copied: about the cluster that was asked about
  const mend = fix.replace(/\bcpaas [a-z]+(?: [a-z]+)*(?=$| {2})/, as);
  return [`${sign} ${first}`, ...more, ...(evidence === subject ? [] : under(evidence)), ...under(`→ ${mend}`)];
}
