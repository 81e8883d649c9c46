/** Names that a line has room for. */
const NAMED = 8;

/** `node1, node2`; of more than a few the first two, and how many others. */
export function someNames(names: readonly string[]): string {
  if (names.length <= NAMED) return names.join(', ');
  const [first = '', second = ''] = names;
  return `${first}, ${second} and ${names.length - 2} others`;
}
