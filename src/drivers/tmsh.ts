import { CpaasError } from '../core/errors.ts';
import { lastWords } from '../core/last-words.ts';

/** `tmsh -q list …`: without questions or a pager, one object a line. For a login whose shell is bash. */
export const tmshList = (...words: readonly string[]): readonly string[] => [
  'tmsh',
  '-q',
  'list',
  ...words,
  'one-line',
];
export const tmshShow = (...words: readonly string[]): readonly string[] => ['tmsh', '-q', 'show', ...words];

/** What stands between two braces: words and further blocks, in their order. */
export type TmshBlock = readonly (string | TmshBlock)[];

/** `net self internal { … }`. */
export interface TmshObject {
  /** `net self`. */
  readonly type: string;
  /** Without `/Common/`; empty where there is only one. */
  readonly name: string;
  readonly block: TmshBlock;
}

/**
 * The objects that `tmsh list` printed, in lines with braces or one object a line; `types` are those asked for. Throws `BIGIP.ANSWER`
 * for what is no such list.
 */
export function parseTmsh(text: string, types: readonly string[]): readonly TmshObject[] {
  const top = blocks(text.replaceAll(STATUS, ''));
  const objects: TmshObject[] = [];
  let words: string[] = [];
  for (const item of top) {
    if (typeof item === 'string') words.push(item);
    else {
      objects.push(object(words, item, types, text));
      words = [];
    }
  }
  if (words.length > 0) throw unreadable(text);
  return objects;
}

/** What tmsh says before it lists, of components that F5 may still change or gives up: `net/routing/bgp is early_access`. */
const STATUS = /^\[api-status-warning\].*$/gm;

/** Properties that stand without a value. */
const FLAGS: ReadonlySet<string> = new Set(['blackhole', 'enabled', 'disabled', 'reject']);

/** A block as properties; a flag is its own value. */
export function properties(block: TmshBlock): Readonly<Record<string, string | TmshBlock>> {
  const record: Record<string, string | TmshBlock> = Object.create(null);
  for (let at = 0; at < block.length; ) {
    const key = block[at++];
    if (typeof key !== 'string') continue;
    const value = FLAGS.has(key) ? key : block[at++];
    if (value !== undefined) record[key] = value;
  }
  return record;
}

/** A property as a list of words: `{ tcp:ssh tcp:bgp }`, one bare word, or nothing for `none`. */
export function words(value: string | TmshBlock | undefined): readonly string[] {
  if (value === undefined || value === 'none') return [];
  return typeof value === 'string' ? [value] : value.filter((item) => typeof item === 'string');
}

/** A property as text; nothing for `none` and for what is no text. */
export const text = (value: string | TmshBlock | undefined): string | undefined =>
  typeof value === 'string' && value !== 'none' ? value : undefined;

function object(words: readonly string[], block: TmshBlock, types: readonly string[], whole: string): TmshObject {
  const type = types.find((each) => each === words.slice(0, each.split(' ').length).join(' '));
  if (type === undefined) throw unreadable(whole);
  const name = words
    .slice(type.split(' ').length)
    .join(' ')
    .replace(/^\/Common\//, '');
  return { type, name, block };
}

function blocks(source: string): TmshBlock {
  const stack: (string | TmshBlock)[][] = [[]];
  for (const [, quoted, brace, word] of source.matchAll(/"((?:[^"\\]|\\.)*)"|([{}])|([^\s{}"]+)|"/g)) {
    if (quoted === undefined && brace === undefined && word === undefined) throw unreadable(source);
    const here = stack.at(-1);
    if (brace === '{') stack.push([]);
    else if (brace === '}') {
      const outer = stack.at(-2);
      if (!here || !outer) throw unreadable(source);
      stack.pop();
      outer.push(here);
    } else here?.push(quoted === undefined ? (word ?? '') : quoted.replaceAll(/\\(.)/g, '$1'));
  }
  const [top] = stack;
  if (stack.length !== 1 || !top) throw unreadable(source);
  return top;
}

const unreadable = (answer: string): CpaasError =>
  new CpaasError('BIGIP.ANSWER', 'tmsh gave an answer that cpaas cannot read', {
    evidence: [{ label: 'answer', text: lastWords(answer) || '(nothing)' }],
  });
