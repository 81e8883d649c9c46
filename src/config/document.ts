import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { toData } from './aliases.ts';
import { formatPath, type Path } from './path.ts';
import type { Finding, Problem } from './problems.ts';

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
  // The library compares each key with every other; `repeatedKeys` does it in one pass.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    uniqueKeys: false,
  });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problem = (offset: number, message: string): Problem => ({
    ...at(offset),
    path: '',
    message: printable(message),
  });
  const { data, trouble } = toData(document);
  const find = finder(document);

  return {
    data,
    problems: [
      ...[...document.errors, ...document.warnings].map(({ code, pos, message }) =>
        problem(pos[0], yamlTrouble(code, message)),
      ),
      ...repeatedKeys(document).map((key) =>
        problem(offsetOf(key), `${keyText(key)} is given twice: the second would replace the first`),
      ),
      ...(trouble === undefined ? [] : [problem(trouble.offset, trouble.message)]),
    ],
    readable: trouble === undefined && document.errors.length === 0,
    locate: ({ path, message, at: side }) => {
      const { key, value, whole } = find(path);
      const empty = !value?.range || value.range[0] === value.range[1];
      const node = whole && side !== 'key' && !empty ? value : (key ?? value);
      return { ...at(offsetOf(node)), path: formatPath(path), message: printable(message) };
    },
    source: (path) => {
      const { value, whole } = find(path);
      return whole && isScalar(value) ? value.source : undefined;
    },
  };
}

/** Goes along a path as far as it leads: the last key passed and what stands there. Each map is indexed once. */
function finder(document: Document.Parsed) {
  const indexes = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();
  const pairOf = (map: YAMLMap, key: string) => {
    const index = indexes.get(map) ?? new Map(map.items.map((pair) => [keyText(pair.key), pair]));
    indexes.set(map, index);
    return index.get(key);
  };
  const resolve = (node: unknown) => (isAlias(node) ? node.resolve(document) : isNode(node) ? node : undefined);
  return (
    path: Path,
  ): { readonly key?: Node | undefined; readonly value?: Node | undefined; readonly whole: boolean } => {
    let value = resolve(document.contents);
    let key: Node | undefined;
    for (const step of path) {
      const pair = isMap(value) ? pairOf(value, `${step}`) : undefined;
      const item = isSeq(value) && typeof step === 'number' ? value.items[step] : undefined;
      if (!pair && item === undefined) return { key, value, whole: false };
      value = resolve(pair ? pair.value : item);
      key = (pair ? resolve(pair.key) : value) ?? key;
    }
    return { key, value, whole: true };
  };
}

const keyText = (key: unknown): string => `${isScalar(key) ? key.value : key}`;
const offsetOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

function repeatedKeys(document: Document.Parsed): readonly unknown[] {
  const repeated: unknown[] = [];
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (seen.has(keyText(key))) repeated.push(key);
        seen.add(keyText(key));
      }
    },
  });
  return repeated;
}

function yamlTrouble(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a cluster file is one document: with --- begins another';
  if (code === 'TAB_AS_INDENT') return 'indent with spaces: YAML takes no tabs';
  return `not YAML: ${message.replace(/\s+/g, ' ').replace(/\.$/, '')}`;
}

/** A message may quote the file: nothing of it may reach a terminal as a control sequence, nor fill the screen. */
function printable(message: string): string {
  const clean = message.replace(/\p{Cc}/gu, '\uFFFD');
  return clean.length > 300 ? `${clean.slice(0, 300)}…` : clean;
}
