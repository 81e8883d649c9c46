/** A source of packages, and who signs it. */
export interface AptSource {
  /** `docker`: the files are named after it. */
  readonly name: string;
  readonly uri: string;
  /** `noble`; a path that ends with a slash where all lies in one folder, and there are no components then. */
  readonly suite: string;
  readonly components: readonly string[];
  /** Debian's name for it: `amd64`. */
  readonly architecture: string;
  readonly keyUrl: string;
  /** Of the primary key, 40 digits in capitals. */
  readonly fingerprint: string;
}

export const sourcePath = (name: string): string => `/etc/apt/sources.list.d/${name}.sources`;
export const keyPath = (name: string): string => `/etc/apt/keyrings/${name}.asc`;

/** Prints each line of apt's sources that says where packages come from, with its file. */
export const LIST_SOURCES = [
  ...['grep', '-rsHE', '^(deb[[:space:]]|URIs:)', '/etc/apt/sources.list', '/etc/apt/sources.list.d'],
] as const;

/**
 * The file with a source of somebody else's for what is below a URL, out of what `LIST_SOURCES` printed. Where two files name the same
 * source, each with a key of its own, apt reads none at all.
 */
export function sourceFileOf(url: string, name: string, printed: string): string | undefined {
  for (const line of printed.split('\n')) {
    const [, file = '', words = ''] = /^([^:]+\.(?:list|sources)):(.*)$/.exec(line) ?? [];
    const uris = words.split(/\s+/).filter((word) => /^https?:/.test(word));
    if (file !== sourcePath(name) && uris.some((uri) => url.startsWith(`${uri.replace(/\/+$/, '')}/`))) return file;
  }
  return undefined;
}

/** As deb822: sources.list(5). */
export function sourceText({ name, uri, suite, components, architecture }: AptSource): string {
  const fields = [
    ['Types', 'deb'],
    ['URIs', uri],
    ['Suites', suite],
    ...(components.length > 0 ? [['Components', components.join(' ')]] : []),
    ['Architectures', architecture],
    ['Signed-By', keyPath(name)],
  ];
  return `${fields.map(([field, value]) => `${field}: ${value}`).join('\n')}\n`;
}
