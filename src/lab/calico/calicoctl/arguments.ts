import { parseArgs } from 'node:util';
import { Failure } from './failure.ts';

export const VERBS = ['apply', 'create', 'replace', 'delete', 'get', 'patch'] as const;
export type Verb = (typeof VERBS)[number];

export interface Arguments {
  readonly kind?: string;
  readonly names: readonly string[];
  readonly filename?: string;
  readonly output: string;
  readonly config: string;
  readonly context?: string;
  readonly patch?: string;
  readonly skipExists: boolean;
  readonly skipNotExists: boolean;
  readonly allowVersionMismatch: boolean;
}

const COMMON = {
  config: { type: 'string', short: 'c', default: '/etc/calico/calicoctl.cfg' },
  context: { type: 'string' },
  'allow-version-mismatch': { type: 'boolean', default: false },
} as const;
const FILE = {
  filename: { type: 'string', short: 'f' },
  recursive: { type: 'boolean', short: 'R' },
  'skip-empty': { type: 'boolean' },
  namespace: { type: 'string', short: 'n' },
} as const;
const OPTIONS = {
  apply: { ...COMMON, ...FILE },
  create: { ...COMMON, ...FILE, 'skip-exists': { type: 'boolean' } },
  replace: { ...COMMON, ...FILE },
  delete: { ...COMMON, ...FILE, 'skip-not-exists': { type: 'boolean', short: 's' } },
  get: {
    ...COMMON,
    ...FILE,
    output: { type: 'string', short: 'o' },
    export: { type: 'boolean' },
    'all-namespaces': { type: 'boolean', short: 'A' },
  },
  patch: {
    ...COMMON,
    namespace: { type: 'string', short: 'n' },
    patch: { type: 'string', short: 'p' },
    type: { type: 'string', short: 't' },
  },
  version: { ...COMMON, poll: { type: 'string' }, client: { type: 'boolean' } },
} as const;

/** Reads the words after the verb. @throws Failure in calicoctl's words for what its usage does not have */
export function readArguments(verb: Verb | 'version', words: readonly string[]): Arguments {
  const wrong = () =>
    new Failure(
      `Invalid option: 'calicoctl ${[verb, ...words].join(' ')}'. Use flag '--help' to read about a specific subcommand.`,
    );
  const { values, positionals } = parse(verb, words, wrong);
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  const [kind, ...names] = positionals;
  const filename = text('filename');
  const byKind = verb === 'get' || verb === 'delete' || verb === 'patch';
  const needsFile = verb === 'apply' || verb === 'create' || verb === 'replace';
  if (needsFile && (filename === undefined || kind !== undefined)) throw wrong();
  if (byKind && (filename === undefined) === (kind === undefined)) throw wrong();
  if (verb === 'patch' && (names.length !== 1 || text('patch') === undefined)) throw wrong();
  const [context, patch] = [text('context'), text('patch')];
  return {
    ...(kind !== undefined && { kind }),
    names,
    ...(filename !== undefined && { filename }),
    output: text('output') ?? 'ps',
    config: text('config') ?? COMMON.config.default,
    ...(context !== undefined && { context }),
    ...(patch !== undefined && { patch }),
    skipExists: values['skip-exists'] === true,
    skipNotExists: values['skip-not-exists'] === true,
    allowVersionMismatch: values['allow-version-mismatch'] === true,
  };
}

function parse(verb: Verb | 'version', words: readonly string[], wrong: () => Failure) {
  try {
    const parsed = parseArgs({ args: [...words], options: OPTIONS[verb], allowPositionals: verb !== 'version' });
    return { values: parsed.values as Readonly<Record<string, unknown>>, positionals: parsed.positionals };
  } catch {
    throw wrong();
  }
}
