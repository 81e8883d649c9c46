import type { ElementChange } from '../../../core/step.ts';
import { ROUTER, type RouterConfig } from './config.ts';
import { isRival, type LineValue, subjectOf } from './lines.ts';
import { linesOf, type Ordering } from './order.ts';
import { subjectsTaken } from './removal.ts';

type Change = ElementChange<LineValue>;

/**
 * The lines that lead back to `current` from wherever the lines of these changes were cut off. Some of them may be refused then, since
 * what they take away was not made yet: that is no harm.
 */
export function undoingLines(
  changes: readonly Change[],
  ordering: Omit<Ordering, 'restore'> & { readonly current?: RouterConfig },
): readonly string[] {
  const router = changes.find(({ key }) => key === ROUTER);
  const everything = router?.from !== undefined;
  const taken = subjectsTaken(changes);
  const asNumber = everything ? Number(router.from) : ordering.asNumber;
  return linesOf(changes.flatMap(back), { ...ordering, asNumber, restore: (name) => everything || taken.has(name) });
}

/** The change that takes one back; two where a neighbor had been made another way. */
function back({ key, from, to, before, cause }: Change): readonly Change[] {
  if (!isRival(from ?? true)) return [{ key, from: to, to: from, before: from ?? before, cause }];
  const [attribute = '', ...value] = `${from}`.split(' ');
  const rival = `neighbor ${subjectOf(key)?.name} ${attribute}`;
  return [
    { key, from: to, to: undefined, before, cause },
    { key: rival, from: undefined, to: value.join(' '), before: from, cause },
  ];
}
