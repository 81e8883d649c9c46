import { isDeepStrictEqual } from 'node:util';
import {
  type Document,
  isMap,
  isSeq,
  parse,
  parseDocument,
  type ScalarTag,
  stringify,
  type Tags,
  visit,
  type YAMLMap,
} from 'yaml';
import { CpaasError } from '../core/errors.ts';
import type { Login } from './kubeconfig.ts';

/** Marks what is ours, in the place that kubeconfigs have for such things. */
const MARK = 'cpaas.dev';
const EMPTY = 'apiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts: []\n';
const LISTS = { clusters: 'cluster', users: 'user', contexts: 'context' } as const;
type List = keyof typeof LISTS;
const lists = Object.keys(LISTS) as readonly List[];

/**
 * The text of a kubeconfig with a cluster's entries and a context of its name; everything else stays, with its order and comments. The
 * current context stays, too, unless there is none, and so does the namespace of a context of ours. Rejects with `KUBECONFIG.FOREIGN` where an entry of that name is somebody else's,
 * with `KUBECONFIG.FILE` what is no kubeconfig. `file` is what messages call it.
 */
export function merged(text: string, name: string, login: Login, file: string): string {
  const config = read(text, file);
  const foreign = lists.filter((list) => entries(config, list).some((entry) => isNamed(entry, name) && !isOurs(entry)));
  if (foreign.length > 0) throw isForeign(file, name, foreign);
  for (const list of lists) {
    const { items } = listOf(config, list);
    const at = items.findIndex((entry) => isMap(entry) && isNamed(entry, name));
    const there = items[at];
    // chosen by whoever uses it: kubectl config set-context --current --namespace
    const chosen = isMap(there) ? there.getIn(['context', 'namespace']) : undefined;
    const asUsed = chosen === undefined ? login : { ...login, namespace: chosen };
    const entry = config.document.createNode(entryOf(list, name, asUsed)) as YAMLMap;
    if (!isMap(there)) items.push(entry);
    else if (!same(there, entry)) {
      entry.commentBefore = there.commentBefore ?? null;
      items[at] = entry;
    }
  }
  if (!`${config.root.get('current-context') ?? ''}`) config.root.set('current-context', name);
  return config.text();
}

/** The text of a kubeconfig without what `merged` has put there for a cluster; the same text where that is nothing. */
export function withoutCluster(text: string, name: string, file: string): string {
  const config = read(text, file);
  const isGone = (entry: unknown): boolean => isMap(entry) && isNamed(entry, name) && isOurs(entry);
  if (!lists.some((list) => entries(config, list).some(isGone))) return text;
  const context = entries(config, 'contexts').find(isGone);
  for (const list of lists) {
    const { items } = listOf(config, list);
    items.splice(0, items.length, ...items.filter((entry) => !isGone(entry)));
  }
  if (context && `${config.root.get('current-context')}` === name) config.root.set('current-context', '');
  return config.text();
}

function entryOf(list: List, name: string, { cluster, user, namespace }: Login): object {
  const values = {
    clusters: cluster,
    users: user,
    contexts: { cluster: name, ...(namespace === undefined ? {} : { namespace }), user: name },
  };
  const { extensions, ...value } = values[list] as { readonly extensions?: readonly { readonly name?: unknown }[] };
  const kept = (extensions ?? []).filter((each) => each.name !== MARK);
  const mark = { name: MARK, extension: { cluster: name } };
  return { name, [LISTS[list]]: { ...value, extensions: [...kept, mark] } };
}

interface Config {
  readonly document: Document;
  readonly root: YAMLMap;
  text(): string;
}

function read(text: string, file: string): Config {
  const empty = text.trim() === '';
  const document = parseKept(empty ? EMPTY : text);
  const root = document.contents;
  const isConfig = isMap(root) && ['Config', 'undefined'].includes(`${root.get('kind')}`);
  if (document.errors.length > 0 || !isConfig)
    throw new CpaasError('KUBECONFIG.FILE', `${file} is no kubeconfig: nothing of it was changed`, {
      evidence: document.errors
        .slice(0, 1)
        .map(({ message }) => ({ label: 'found', text: message.split('\n', 1)[0] ?? '' })),
      next: [{ label: 'name another file: --merge PATH' }],
    });
  // as it is written already: kubectl has lists at the depth of their key
  const indentSeq = !empty && /^(?:clusters|users|contexts):[^\S\n]*(?:#.*)?\n(?:\s*(?:#.*)?\n)*[^\S\n]+-/m.test(text);
  const flowCollectionPadding = !/[:-] [{[][^\s\]}]/.test(text);
  return { root, document, text: () => document.toString({ lineWidth: 0, indentSeq, flowCollectionPadding }) };
}

/** An unquoted value of somebody else's: it goes out as it came in, whatever a YAML of some version takes it for. */
class AsWritten {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}
const asWritten: ScalarTag = {
  tag: 'tag:cpaas.dev,2026:as-written',
  // no tag is printed, and no text is read as one
  default: true,
  test: /(?!)/,
  identify: (value) => value instanceof AsWritten,
  resolve: (text) => new AsWritten(text),
  stringify: ({ value }) => `${value}`,
};

const MANNERS = {
  customTags: (tags: Tags): Tags => [asWritten, ...tags],
  // kubectl reads YAML 1.1, where more words and digits are no texts: what we add is quoted there
  compat: 'yaml-1.1',
  logLevel: 'error',
} as const;

function parseKept(text: string): Document {
  const document = parseDocument(text, MANNERS);
  visit(document, {
    Scalar: (key, node) => {
      if (key !== 'key' && node.type === 'PLAIN') node.value = new AsWritten(node.source ?? '');
    },
  });
  return document;
}

/** A list of a kubeconfig; kubectl writes `null` where it is empty. */
function listOf({ document, root }: Config, list: List): { items: unknown[] } {
  const there = root.get(list);
  if (isSeq(there)) {
    // `[]` is how an empty one looks; what is put into it is to be read by people
    if (there.items.length === 0) there.flow = false;
    return there;
  }
  root.set(list, document.createNode([]));
  return root.get(list) as unknown as { items: unknown[] };
}

function entries({ root }: Config, list: List): readonly YAMLMap[] {
  const there = root.get(list);
  return isSeq(there) ? there.items.filter(isMap) : [];
}

const isNamed = (entry: YAMLMap, name: string): boolean => `${entry.get('name')}` === name;

function isOurs(entry: YAMLMap): boolean {
  const name = `${entry.get('name')}`;
  return Object.values(LISTS).some((key) => {
    const extensions = entry.getIn([key, 'extensions']);
    return (
      isSeq(extensions) &&
      extensions.items.some(
        (each) => isMap(each) && `${each.get('name')}` === MARK && `${each.getIn(['extension', 'cluster'])}` === name,
      )
    );
  });
}

/** Whether two entries say the same, however they are written. */
const same = (one: YAMLMap, other: YAMLMap): boolean => isDeepStrictEqual(said(one), said(other));
const said = (entry: YAMLMap): unknown => parse(stringify(entry, MANNERS));

const isForeign = (file: string, name: string, found: readonly List[]): CpaasError =>
  new CpaasError(
    'KUBECONFIG.FOREIGN',
    `${file} has ${name} already, and cpaas did not put it there: nothing was changed`,
    {
      evidence: found.map((list) => ({ label: list, text: name })),
      next: [
        { label: 'gives it another name', command: `kubectl config rename-context ${name} OTHER` },
        { label: 'keeps this cluster in a file of its own', command: 'cpaas kubeconfig --merge PATH' },
      ],
    },
  );
