/** Seconds that apt waits for another one, such as unattended upgrades, to let go of dpkg. */
export const LOCK_SECONDS = 300;
/** Milliseconds until apt is given up: a slow mirror and many packages. */
export const APT_DEADLINE = 20 * 60_000;

export interface AptOptions {
  /** URL of the proxy; apt's own configuration decides when left out. */
  readonly proxy?: string | undefined;
}

/** Asks nobody anything: debconf takes its defaults, needrestart lists what should be started again and touches nothing. */
const QUIET = ['env', 'LC_ALL=C', 'DEBIAN_FRONTEND=noninteractive', 'NEEDRESTART_MODE=l', 'UCF_FORCE_CONFFOLD=1'];

/** Configuration files that somebody changed stay as they are. */
const KEEP = ['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold'];

const apt = (options: AptOptions, ...args: readonly string[]): readonly string[] => [
  ...QUIET,
  ...['apt-get', '-q', '-o', `DPkg::Lock::Timeout=${LOCK_SECONDS}`],
  ...through(options),
  ...args,
];

const through = ({ proxy }: AptOptions): readonly string[] =>
  proxy === undefined ? [] : ['-o', `Acquire::http::Proxy=${proxy}`, '-o', `Acquire::https::Proxy=${proxy}`];

/** Fetches a file as apt would its own: with its proxies and its certificates. */
export const downloadFile = (url: string, path: string, options: AptOptions): readonly string[] => [
  ...['env', 'LC_ALL=C', '/usr/lib/apt/apt-helper', ...through(options), 'download-file', url, path],
];

/** Reads all sources anew; one that cannot be reached is only warned of. */
export const aptUpdate = (options: AptOptions): readonly string[] => apt(options, 'update');

/** Reads one source file alone, and fails where that fails. */
export const aptUpdateOf = (source: string, options: AptOptions): readonly string[] =>
  apt(
    options,
    ...['-o', `Dir::Etc::sourcelist=${source}`, '-o', 'Dir::Etc::sourceparts=-'],
    ...['-o', 'APT::Get::List-Cleanup=false', '-o', 'APT::Update::Error-Mode=any', 'update'],
  );

/** `packages` as `jq` or `kubelet=1.35.8-1.1`. What is there is not upgraded, and nothing is removed for them. */
export const aptInstall = (packages: readonly string[], options: AptOptions): readonly string[] =>
  apt(
    options,
    ...KEEP,
    ...['install', '-y', '--no-install-recommends', '--no-upgrade', '--no-remove', '--', ...packages],
  );

/** The same for packages of ours that are there in another version, held or not. */
export const aptChange = (packages: readonly string[], options: AptOptions): readonly string[] =>
  apt(
    options,
    ...KEEP,
    ...[
      'install',
      '-y',
      '--no-install-recommends',
      '--no-remove',
      '--allow-downgrades',
      '--allow-change-held-packages',
    ],
    ...['--', ...packages],
  );

/** Configuration files stay. */
export const aptRemove = (packages: readonly string[], options: AptOptions): readonly string[] =>
  apt(options, 'remove', '-y', '--', ...packages);

export const aptPurge = (packages: readonly string[], options: AptOptions): readonly string[] =>
  apt(options, ...KEEP, 'purge', '-y', '--allow-change-held-packages', '--', ...packages);

/** What `apt-get purge` of these and `autoremove` would take away, and what `autoremove` alone would. Changes nothing. */
export const simulatePurge = (packages: readonly string[]): readonly string[] => [
  ...['env', 'LC_ALL=C', 'apt-get', '-s', '--auto-remove', 'purge', '--', ...packages],
];
export const SIMULATE_AUTOREMOVE: readonly string[] = ['env', 'LC_ALL=C', 'apt-get', '-s', 'autoremove'];

/** Ends what a power cut left half-done; nothing when nothing was. */
export const DPKG_CONFIGURE: readonly string[] = [
  ...QUIET,
  'dpkg',
  '--force-confdef',
  '--force-confold',
  '--configure',
  '-a',
];
