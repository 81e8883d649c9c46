import type { PlannedChange } from '../../core/documents.ts';
import { count, remark } from '../text/words.ts';

export type ChangeSign = '+' | '~' | '-';

/** Values that differ inside one line before the rest is only counted. */
const SHOWN = 4;

/** Changes that read as one line. */
export interface ChangeGroup {
  readonly sign: ChangeSign;
  readonly text: string;
  readonly changes: readonly PlannedChange[];
}

export const signOf = ({ from, to }: PlannedChange): ChangeSign =>
  from === undefined ? '+' : to === undefined ? '-' : '~';

/** Neighbours in the list whose texts differ in one word are one group: `neighbor {172.19.0.2, 172.19.0.3} peer-group calico-k8s`. */
export function changeGroups(changes: readonly PlannedChange[]): readonly ChangeGroup[] {
  const groups: PlannedChange[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    if (last && belongs(change, last)) last.push(change);
    else groups.push([change]);
  }
  return groups.map((group) => ({ sign: signOf(group[0] as PlannedChange), text: textOf(group), changes: group }));
}

function belongs(change: PlannedChange, group: readonly PlannedChange[]): boolean {
  const [first, second] = group;
  if (first === undefined || signOf(change) !== signOf(first) || change.cause !== first.cause) return false;
  const at = soleDifference(first.text, change.text);
  return at !== undefined && (second === undefined || soleDifference(first.text, second.text) === at);
}

/** Which word two texts of three or more differ in, when it is just one. */
function soleDifference(one: string, other: string): number | undefined {
  const [words, others] = [one.split(' '), other.split(' ')];
  if (words.length !== others.length || words.length < 3) return undefined;
  const different = words.flatMap((word, at) => (word === others[at] ? [] : [at]));
  return different.length === 1 ? different[0] : undefined;
}

function textOf(group: readonly PlannedChange[]): string {
  const [first, second] = group;
  if (first === undefined) return '';
  const words = first.text.split(' ');
  const at = second && soleDifference(first.text, second.text);
  if (at !== undefined) {
    const values = group.map(({ text }) => text.split(' ')[at] ?? '');
    const shown = values.slice(0, values.length > SHOWN + 1 ? SHOWN : values.length);
    const rest = values.length - shown.length;
    words[at] = `{${[...shown, ...(rest > 0 ? [`${count(rest, 'other')}`] : [])].join(', ')}}`;
  }
  return words.join(' ') + remark(first);
}
