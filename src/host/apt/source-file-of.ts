import { sourcePath } from './source.ts';

/** Prints apt's sources, each line with its file, without comments. */
export const LIST_SOURCES = ['grep', '-arsHv', '^#', '/etc/apt/sources.list', '/etc/apt/sources.list.d'] as const;

/**
 * The file with a source of somebody else's for what is below a URL, out of what `LIST_SOURCES` printed. Where two files name the same
 * source, each with a key of its own, apt reads none at all; one by http and one by https are the same to it, and so are packages and
 * their sources (tried with apt 2.6.1).
 */
export function sourceFileOf(url: string, name: string, printed: string): string | undefined {
  const wanted = withoutScheme(url);
  const isAbove = (uri: string): boolean => wanted.startsWith(`${withoutScheme(uri).replace(/\/+$/, '')}/`);
  return [...filesOf(printed)].find(([file, lines]) => {
    const uris = file.endsWith('.list') ? lines.flatMap(urisOfLine) : stanzas(lines).flatMap(urisOfStanza);
    return file !== sourcePath(name) && uris.filter((uri) => /^https?:/.test(uri)).some(isAbove);
  })?.[0];
}

const withoutScheme = (url: string): string => url.replace(/^https?:/, '');

function filesOf(printed: string): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, string[]>();
  for (const line of printed.split('\n')) {
    const [, file, text = ''] = /^([^:]+\.(?:list|sources)):(.*)$/.exec(line) ?? [];
    if (file !== undefined) files.set(file, [...(files.get(file) ?? []), text]);
  }
  return files;
}

/** sources.list(5), "one-line-style format". */
const urisOfLine = (line: string): readonly string[] =>
  /^\s*deb(-src)?\s/.test(line) ? line.replace(/#.*$/, '').split(/\s+/) : [];

/** sources.list(5), "deb822-style format": an empty line between stanzas, and a value goes on where a line begins with a space. */
const stanzas = (lines: readonly string[]): readonly string[] =>
  lines
    .join('\n')
    .split(/\n\s*\n/)
    .map((stanza) => stanza.replace(/\n[ \t]+/g, ' '));

function urisOfStanza(stanza: string): readonly string[] {
  const field = (name: string): string => new RegExp(`^${name}\\s*:(.*)$`, 'im').exec(stanza)?.[1]?.trim() ?? '';
  return /^(no|false|without|off|disable|0)$/i.test(field('Enabled')) ? [] : field('URIs').split(/\s+/);
}
