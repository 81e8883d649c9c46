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
