import type { ElementChange } from '../../../core/step.ts';
import { isRival, type LineValue, levelOf, makesNeighbor, subjectOf, undoingLineOf } from './lines.ts';

type Change = ElementChange<LineValue>;

/** Lines that take something away, at the level of `router bgp`. With a neighbor or a group go its attributes. */
export function removalLines(changes: readonly Change[]): readonly string[] {
  const taken = subjectsTaken(changes);
  const lines = changes
    .filter(({ key }) => levelOf(key).level === 'router')
    .filter((each) => makesSubject(each.key) || !taken.has(subjectOf(each.key)?.name ?? ''))
    .flatMap((change) => removalLine(change).map((line) => ({ line, rank: removalRank(change.key) })))
    .sort((one, other) => one.rank - other.rank);
  return [...new Set(lines.map(({ line }) => line))];
}

const namesOf = (changes: readonly Change[]): readonly string[] =>
  changes.flatMap(({ key }) => subjectOf(key)?.name ?? []);

/** Neighbors and groups that are taken away, if only to be made another way. Their attributes go with them. */
export const subjectsTaken = (changes: readonly Change[]): ReadonlySet<string> =>
  new Set(
    namesOf(changes.filter((each) => takesSubject(each) || (makesNeighbor(each.key) && removalLine(each).length > 0))),
  );

/** Those of them that are not made again. */
export function subjectsGone(changes: readonly Change[]): ReadonlySet<string> {
  const made = new Set(namesOf(changes.filter(({ key, to }) => to !== undefined && makesNeighbor(key))));
  return new Set([...subjectsTaken(changes)].filter((name) => !made.has(name)));
}

/** Those that are. */
export function subjectsRemade(changes: readonly Change[]): ReadonlySet<string> {
  const gone = subjectsGone(changes);
  return new Set([...subjectsTaken(changes)].filter((name) => !gone.has(name)));
}

const makesSubject = (key: string): boolean =>
  makesNeighbor(key) || (subjectOf(key)?.isGroup === true && key.endsWith(' peer-group'));

const takesSubject = ({ key, to }: Change): boolean => to === undefined && makesSubject(key);

function removalLine({ key, from, to }: Change): readonly string[] {
  if (from === undefined) return [];
  if (makesNeighbor(key) && isRival(from)) return [`no neighbor ${subjectOf(key)?.name} ${from}`];
  // no device moves a member from one group to another
  if (to === undefined || (makesNeighbor(key) && key.endsWith(' peer-group')))
    return [undoingLineOf({ key, value: from })];
  return [];
}

const removalRank = (key: string): number => {
  const subject = subjectOf(key);
  return !subject ? 1 : subject.isGroup ? 2 : 0;
};
