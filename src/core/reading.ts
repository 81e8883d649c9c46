import { asksForVersion, versionWords } from './version-words.ts';

declare const reads: unique symbol;

/** A command that was checked to change nothing. Made by `reading` alone. */
export interface ReadCommand {
  readonly argv: readonly string[];
  /** Exit codes besides 0 that are an answer. */
  readonly codes: readonly number[];
  /** Milliseconds. */
  readonly timeout?: number;
  /** It takes long enough to be asked beside other questions, not among them. */
  readonly slow?: true;
  readonly [reads]: true;
}

export type ReadOptions = Partial<Omit<ReadCommand, 'argv' | typeof reads>>;

/**
 * Brands a command as one that only looks. A command that the table below does not know to be harmless is a bug in the step that
 * asks for it, so this throws, in a test long before it can reach a host.
 */
export function reading(argv: readonly string[], { codes = [], ...options }: ReadOptions = {}): ReadCommand {
  if (!isReading(argv)) throw new Error(`not known as a command that only reads: ${argv.join(' ')}`);
  return { argv, codes, ...options } as ReadCommand;
}

/** Whether a command is on the list of those that change nothing. The recorder asks the same question of what is really sent. */
export function isReading(argv: readonly string[]): boolean {
  if (asksForVersion(argv)) return true;
  const [program = '', ...args] = argv;
  const rule = Object.hasOwn(readers, program) ? readers[program] : undefined;
  return rule?.(args) ?? false;
}

/** Exit codes of commands that may end as they like. */
export const ANY_END: readonly number[] = Array.from({ length: 255 }, (_, at) => at + 1);

/** The question to a program at a path which version it is; nothing where nobody knows how to ask. */
export function versionQuestion(path: string): ReadCommand | undefined {
  const words = versionWords(path);
  // whatever stands there may end as it likes
  return words && reading([path, ...words], { codes: ANY_END, timeout: 10_000 });
}

type Rule = (args: readonly string[]) => boolean;

const always: Rule = () => true;
const flag = (word: string): boolean => word.startsWith('-');
const plain = (args: readonly string[]): readonly string[] => args.filter((word) => !flag(word));
const first =
  (...verbs: string[]): Rule =>
  (args) =>
    verbs.includes(plain(args)[0] ?? '');

/** Flags of kubectl and calicoctl whose value is the next word; without them the first plain word is the verb. */
const valued = new Set(['--kubeconfig', '--context', '-n', '--namespace', '--request-timeout', '--config']);
const withoutValues = (args: readonly string[]): readonly string[] =>
  args.filter((_, at) => !valued.has(args[at - 1] ?? ''));

/** Programs run inside a pod that only show. */
const podReaders = new Set(['birdcl', 'birdcl6', 'calico-node']);

const kubectl: Rule = (args) => {
  const words = plain(withoutValues(args));
  const [verb = '', object = ''] = words;
  // Nothing of kubectl's is called so: whoever wrote it believed in a shell.
  if (words.some((word) => /^[|;&<>]+$/.test(word))) return false;
  if (verb === 'exec') {
    const inside = args.slice(args.indexOf('--') + 1);
    return (
      args.includes('--') && podReaders.has(inside[0] ?? '') && (inside[1] === 'show' || inside[1] === '-show-status')
    );
  }
  if (verb === 'config') return object === 'view' || object === 'current-context';
  if (verb === 'get')
    return !args.some((word) => word.startsWith('--watch') || word === '-w') || args.includes('--watch-only=false');
  if (verb === 'cluster-info') return object !== 'dump';
  return ['version', 'api-resources', 'api-versions', 'describe', 'logs', 'explain'].includes(verb);
};

const ip: Rule = (args) => {
  if (args.some((word) => /^-(b|batch|n|netns|force)/.test(word) && word !== '-brief' && word !== '-br')) return false;
  const [object = '', verb = 'show'] = plain(args);
  const known = ['route', 'r', 'ro', 'rule', 'address', 'addr', 'a', 'link', 'l', 'neigh', 'neighbor'].includes(object);
  return known && ['show', 'list', 'ls', 'get'].includes(verb);
};

const iptablesSave: Rule = (args) => !args.some((word) => /^-(f|-file|Z|c|-counters|M)/.test(word));

const tmsh: Rule = (args) => first('list', 'show')(args) && !args.some((word) => /[;|]/.test(word));

/** `imish [-r N] -e 'show …'`: every line given must begin with show. */
const imish: Rule = (args) => {
  const lines = args.filter((_, at) => args[at - 1] === '-e');
  const flags = args.filter((word, at) => flag(word) && args[at - 1] !== '-e');
  return (
    lines.length > 0 &&
    lines.every((line) => /^show [\w ./:|-]+$/.test(line)) &&
    flags.every((word) => word === '-e' || word === '-r')
  );
};

/** Networks and contexts are looked at by a verb of their own. */
const docker: Rule = (args) => {
  const [object = '', verb = ''] = plain(args);
  if (object === 'network') return verb === 'ls' || verb === 'inspect';
  return object === 'context' ? verb === 'inspect' : ['ps', 'inspect', 'info', 'version'].includes(object);
};

/** `k3d kubeconfig write` and `merge` change files; `get` prints. */
const k3d: Rule = (args) => {
  const [object = '', verb = ''] = plain(args);
  return object === 'version' ? verb !== 'list' : object === 'kubeconfig' && verb === 'get';
};

/** A connection attempt that sends nothing: `timeout S bash -c 'exec 3<>/dev/tcp/$0/$1' ADDRESS PORT`. */
export const TCP_PROBE = 'exec 3<>/dev/tcp/$0/$1';
const timeout: Rule = ([seconds = '', ...rest]) =>
  /^\d+$/.test(seconds) &&
  ((rest[0] === 'bash' && rest[1] === '-c' && rest[2] === TCP_PROBE && rest.length === 5) || isReading(rest));

/** `rdexec 7 ping …`: what is started in a route domain must only look. */
const rdexec: Rule = ([id = '', ...rest]) => /^\d+$/.test(id) && isReading(rest);

/** `env TERM=vt100 …`: only TERM and the locale may be set. */
const env: Rule = (args) => {
  const at = args.findIndex((word) => !/^(TERM|LC_ALL|LANG)=[\w.-]+$/.test(word));
  return at > 0 && isReading(args.slice(at));
};

/** `apt-get -s` only says what it would do. */
const aptGet: Rule = (args) => args[0] === '-s' && !args.some((word) => /^(-o|--option|-c)/.test(word));

/** `containerd --version` and the like, and nothing else. */
const versionOnly: Rule = (args) => args.length === 1 && args[0] === '--version';

/** Of a BIG-IP's saved configuration: route domains, self-IPs and static routes. */
export const SAVED_NETWORK = '/^net \\(route-domain\\|self\\|route\\) /,/^}/p';

const readers: Readonly<Record<string, Rule>> = {
  cat: always,
  head: always,
  tail: (args) => !args.some((word) => /^-[fF]|^--follow/.test(word)),
  ls: always,
  stat: always,
  readlink: always,
  test: always,
  id: always,
  uname: always,
  hostname: (args) => plain(args).length === 0 && !args.includes('-F') && !args.includes('--file'),
  true: always,
  echo: always,
  sha256sum: always,
  sed: (args) => args[0] === '-n' && args[1] === SAVED_NETWORK && !args.slice(2).some(flag),
  command: (args) => args[0] === '-v',
  'apt-get': aptGet,
  'apt-cache': first('policy', 'madison', 'show'),
  journalctl: (args) =>
    !args.some((word) => /^(-f|--(follow|rotate|vacuum|flush|sync|relinquish|smart|setup|update))/.test(word)),
  getent: always,
  grep: always,
  printenv: always,
  findmnt: always,
  lvs: always,
  dumpe2fs: (args) => args[0] === '-h',
  xfs_info: always,
  ufw: (args) => ['show', 'status'].includes(args[0] ?? ''),
  dpkg: (args) => args.length === 1 && args[0] === '--print-architecture',
  'dpkg-query': (args) => ['-W', '-s', '-S'].some((verb) => args.includes(verb)),
  sysctl: (args) => args.includes('-n') && !args.some((word) => /^-(w|p|-)|=/.test(word)),
  ip,
  'iptables-save': iptablesSave,
  'iptables-nft-save': iptablesSave,
  'iptables-legacy-save': iptablesSave,
  'ip6tables-save': iptablesSave,
  'ip6tables-legacy-save': iptablesSave,
  ping: (args) => args.includes('-c') && !args.includes('-f'),
  ss: (args) => !args.some((word) => /^(-\w*[KD]|--kill|--diag)/.test(word)),
  kubectl,
  calicoctl: (args) => ['get', 'version'].includes(plain(withoutValues(args))[0] ?? ''),
  birdcl: (args) => plain(args.filter((_, at) => args[at - 1] !== '-s'))[0] === 'show',
  systemctl: first('is-active', 'is-enabled', 'is-failed', 'is-system-running', 'show'),
  docker,
  k3d,
  nproc: always,
  df: always,
  date: (args) => args.length === 1 && /^\+/.test(args[0] ?? ''),
  kubeadm: first('version'),
  containerd: (args) => versionOnly(args) || args.join(' ') === 'config dump',
  dockerd: versionOnly,
  ctr: (args) => args.join(' ') === '--namespace k8s.io images list --quiet',
  tmsh,
  imish,
  timeout,
  rdexec,
  env,
};
