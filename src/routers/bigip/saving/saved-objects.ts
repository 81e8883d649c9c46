import type { Reader } from '../../../core/context.ts';
import { reading, SAVED_NETWORK } from '../../../core/reading.ts';
import { ANY_ANSWER } from '../change/running.ts';
import { NO_SHELL } from '../unit/shell.ts';

const LISTS = ['route-domain', 'self', 'route'] as const;
/** Where `save sys config` puts what a unit alone has, and the rest. */
const FILES = ['/config/bigip_base.conf', '/config/bigip.conf'] as const;

/**
 * Route domains, self-IPs and static routes that are not saved as they are, a line each. It is these that cpaas changes by tmsh; a save takes
 * along whatever else somebody has changed, and TMOS has no command that tells what that is. Nothing where the login sees no files.
 */
export async function unsavedObjects(ctx: Reader, host: string): Promise<readonly string[] | undefined> {
  const outputs = await ctx
    .host(host)
    .queryAll([
      ...LISTS.map((kind) => reading(['tmsh', '-q', 'list', 'net', kind], { codes: ANY_ANSWER })),
      reading(['sed', '-n', SAVED_NETWORK, ...FILES], { codes: [...ANY_ANSWER, NO_SHELL] }),
    ]);
  if (outputs.at(-1)?.code === NO_SHELL) return undefined;
  const now = objectsIn(
    outputs
      .slice(0, LISTS.length)
      .map(({ stdout }) => stdout)
      .join('\n'),
  );
  const saved = objectsIn(outputs.at(-1)?.stdout ?? '');
  return [
    ...[...now].filter(([name, words]) => saved.get(name) !== words).map(([name]) => `not saved: ${name}`),
    ...[...saved.keys()].filter((name) => !now.has(name)).map((name) => `saved, but gone: ${name}`),
  ];
}

/** The objects of a list or a file, with their words in an order of no meaning: both print lists as they please. */
export function objectsIn(text: string): ReadonlyMap<string, string> {
  const objects = new Map<string, string>();
  let open: { readonly name: string; readonly words: string[] } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, kind, name = '', rest = ''] = /^net (route-domain|self|route) (\S+) \{(.*)$/.exec(line) ?? [];
    if (kind !== undefined) open = { name: `net ${kind} ${bare(name)}`, words: [] };
    const inside = kind === undefined ? line : rest;
    const ends = kind === undefined ? /^\}/.test(line) : /\}\s*$/.test(rest) && balanced(rest);
    if (!open) continue;
    if (!/^\}/.test(line)) open.words.push(...wordsOf(inside));
    if (!ends) continue;
    objects.set(open.name, wordsSaid(open.words));
    open = undefined;
  }
  return objects;
}

const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"(?:[^"\\]|\\.)*"|[{}]|[^\s{}"]+/g)].map(([word]) => bare(word.replace(/^"(.*)"$/, '$1')));

/** Without braces, and without what says nothing: a list leaves that out, a file may not. */
const wordsSaid = (words: readonly string[]): string =>
  words
    .filter((word, at) => !isNothing(word) && !(isNothing(words[at + 1]) && word !== '{'))
    .filter((word) => !/^[{}]$/.test(word))
    .toSorted()
    .join(' ');

const isNothing = (word: string | undefined): boolean => word === 'none' || word === 'disabled';

/** The first block of a list may end on the line that begins it. */
const balanced = (rest: string): boolean => rest.split('}').length - rest.split('{').length === 1;

/** A list leaves the folder out that everything stands in. */
const bare = (name: string): string => name.replace(/^\/Common\//, '');
