import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import { formatPath, type Path } from './path.ts';
import type { Finding, Problem } from './problems.ts';

/** More aliases than a person writes: nested ones would grow without end. */
const MAX_ALIASES = 100;

/** A YAML text whose values remember where they stand. */
export interface SourceDocument {
  readonly data: unknown;
  /** What is wrong with the text as YAML. */
  readonly problems: readonly Problem[];
  /** Whether `data` is worth a look in spite of `problems`. */
  readonly readable: boolean;
  /** Puts a finding where it belongs. What is missing belongs to what it is missing in. */
  locate(finding: Finding): Problem;
  /** The letters of a value as they stand in the text: `20.10` where the number is 20.1. */
  source(path: Path): string | undefined;
}

export function readDocument(text: string): SourceDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problem = (offset: number, message: string): Problem => ({ ...at(offset), path: '', message });
  const problems = [...document.errors, ...document.warnings].map(({ code, pos, message }) =>
    problem(pos[0], yamlTrouble(code, message, text.slice(pos[0]))),
  );
  const resolve = (node: unknown): Node | null | undefined =>
    isAlias(node) ? node.resolve(document) : (node as Node | null | undefined);
  const find = (path: Path) => walk(document.contents, path, resolve);
  const { data, trouble } = toData(document);
  if (trouble !== undefined) problems.push(problem(worstAlias(document), trouble));

  return {
    data,
    problems,
    readable: trouble === undefined && document.errors.every(({ code }) => code === 'DUPLICATE_KEY'),
    locate: ({ path, message, at: side }) => {
      const { key, value, whole } = find(path);
      const empty = !value?.range || value.range[0] === value.range[1];
      const node = whole && side !== 'key' && !empty ? value : (key ?? value);
      return { ...at(node?.range?.[0] ?? 0), path: formatPath(path), message: printable(message) };
    },
    source: (path) => {
      const { value, whole } = find(path);
      return whole && isScalar(value) ? value.source : undefined;
    },
  };
}

/** The way along a path as far as it goes: the last key passed and what stands there. */
function walk(contents: unknown, path: Path, resolve: (node: unknown) => Node | null | undefined) {
  let value = resolve(contents);
  let key: Node | undefined;
  for (const step of path) {
    const pair = isMap(value) ? value.items.findLast((item) => keyText(item) === `${step}`) : undefined;
    const item = isSeq(value) && typeof step === 'number' ? value.items[step] : undefined;
    if (!pair && item === undefined) return { key, value, whole: false };
    key = pair ? (pair.key as Node) : key;
    if (!pair) key = resolve(item) ?? key;
    value = resolve(pair ? pair.value : item);
  }
  return { key, value, whole: true };
}

const keyText = (pair: Pair): string => `${isScalar(pair.key) ? pair.key.value : pair.key}`;

/** Aliases are the one thing that can be wrong after the text itself was read. */
function toData(document: Document.Parsed): { readonly data?: unknown; readonly trouble?: string } {
  try {
    return { data: document.toJS({ maxAliasCount: MAX_ALIASES }) };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const nested = error.message.startsWith('Excessive');
    return {
      trouble: nested
        ? 'aliases (*name) multiply: too many to be meant'
        : 'no anchor (&name) of this name stands before',
    };
  }
}

/** Where the alias stands that leads nowhere; the last one when all lead somewhere. */
function worstAlias(document: Document.Parsed): number {
  let offset = 0;
  visit(document, {
    Alias: (_, alias) => {
      offset = alias.range?.[0] ?? offset;
      return alias.resolve(document) === undefined ? visit.BREAK : undefined;
    },
  });
  return offset;
}

/** `rest` is the text from the trouble on. */
function yamlTrouble(code: string, message: string, rest: string): string {
  if (code === 'DUPLICATE_KEY') {
    const key = /^("[^"\n]*"|'[^'\n]*'|[^:\s]*)/.exec(rest)?.[0];
    return `${key} is given twice: the second would replace the first`;
  }
  if (code === 'MULTIPLE_DOCS') return 'a cluster file is one document: with --- begins another';
  if (code === 'TAB_AS_INDENT') return 'indent with spaces: YAML takes no tabs';
  return `not YAML: ${message.replace(/\s+/g, ' ').replace(/\.$/, '')}`;
}

/** A message may quote the file: nothing of it may reach a terminal as a control sequence, nor fill the screen. */
function printable(message: string): string {
  const clean = message.replace(/\p{Cc}/gu, '\uFFFD');
  return clean.length > 300 ? `${clean.slice(0, 300)}…` : clean;
}
