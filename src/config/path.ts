/** Where in the file: `['spec', 'routers', 0, 'address']`. */
export type Path = readonly (string | number)[];

/** The path in words: `spec.routers[0].address`; a key that is no plain word stands in quotes. */
export function formatPath(path: Path): string {
  return path.map(segment).join('').replace(/^\./, '');
}

function segment(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  return /^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** What stands at a path; nothing when the path leads nowhere. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Readonly<Record<string, unknown>>)[key] : undefined),
    data,
  );
}
