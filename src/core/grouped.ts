/** Things by what they have in common, in their order. (`Map.groupBy` came with Node 21.) */
export function grouped<T, Key>(things: readonly T[], by: (thing: T) => Key): ReadonlyMap<Key, readonly T[]> {
  const groups = new Map<Key, T[]>();
  for (const thing of things) {
    const key = by(thing);
    const group = groups.get(key);
    if (group) group.push(thing);
    else groups.set(key, [thing]);
  }
  return groups;
}
