/** As many that read the same are said one by one; more of them are said once. */
const FEW = 3;

/** Those that have the same key together, in the order of the first of each; where they are only a few, each alone. */
export function alike<T>(all: readonly T[], keyOf: (each: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const key = keyOf(each);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].flatMap((group) => (group.length > FEW ? [group] : group.map((each) => [each])));
}

/** `node1`; `node1, node2 and 98 others`. */
export function several(names: readonly string[]): string {
  const [first = '', second = '', ...others] = names;
  return others.length === 0
    ? [first, second].filter(Boolean).join(', ')
    : `${first}, ${second} and ${others.length} others`;
}
