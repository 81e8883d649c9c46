import { setTimeout as wait } from 'node:timers/promises';
import { CpaasError, type Evidence } from '../../core/errors.ts';
import type { Output, Transport } from '../../core/transport.ts';
import { APT_DEADLINE, LOCK_SECONDS } from './commands.ts';

/** Milliseconds between two looks at a lock. */
const LOOK = 500;

export interface Waiting {
  readonly progress: (text: string) => void;
  /** Milliseconds to wait for a lock; as long as apt waits for dpkg's when left out. */
  readonly patience?: number;
}

/**
 * Runs apt or dpkg on a host. apt itself waits for dpkg's lock, but not for that of its lists, so this does, and says whom for. Rejects
 * with `APT.LOCKED`, `APT.MISSING`, `APT.SOURCE` or `APT.FAILED`, quoting what apt said.
 */
export async function runApt(
  machine: Transport,
  argv: readonly string[],
  { progress, patience = LOCK_SECONDS * 1000 }: Waiting,
): Promise<Output> {
  const deadline = performance.now() + patience;
  for (;;) {
    const output = await machine.run(argv, { codes: FAILURES, timeout: APT_DEADLINE });
    if (output.code === 0) return output;
    const said = output.stderr + output.stdout;
    const holder = LOCKED.test(said)
      ? (/held by process \d+ \([^)]+\)/.exec(said)?.[0] ?? 'held by another program')
      : undefined;
    if (holder === undefined || performance.now() > deadline) throw failure(machine.name, argv, output, holder);
    progress(`waiting for apt's lock, ${holder}`);
    await wait(LOOK);
  }
}

/** apt ends with 100, dpkg with 1 or 2. */
const FAILURES = [1, 2, 100];
const LOCKED = /Could not get lock|Unable to (?:acquire|lock)/;

function failure(
  host: string,
  argv: readonly string[],
  { stderr, stdout }: Output,
  holder: string | undefined,
): CpaasError {
  const complaints = `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => /^(?:E:|W:|Err:|dpkg: error|dpkg: dependency)/.test(line));
  const evidence: readonly Evidence[] = (complaints.length > 0 ? complaints : [stderr.trim()])
    .slice(0, 6)
    .map((text) => ({ label: 'apt', text }));
  const said = complaints.join('\n');
  if (holder !== undefined)
    return new CpaasError('APT.LOCKED', `${host}: another program does not let go of apt's lock, ${holder}`, {
      evidence,
      next: [{ label: 'see what it does', command: 'ps -ef | grep -E "apt|dpkg|unattended"' }],
    });
  if (/Unable to locate package|Version '.*' for '.*' was not found|has no installation candidate/.test(said))
    return new CpaasError('APT.MISSING', `${host}: no source of apt has what is wanted`, {
      evidence,
      next: [{ label: 'see which versions there are', command: `apt-cache policy ${argv.at(-1)?.replace(/=.*/, '')}` }],
    });
  if (argv.includes('update') || argv.includes('download-file'))
    return new CpaasError('APT.SOURCE', `${host}: a source of apt cannot be used`, {
      evidence,
      next: [{ label: "behind a proxy: spec.host.proxy, or Acquire::http::Proxy in apt's own configuration" }],
    });
  return new CpaasError('APT.FAILED', `${host}: apt could not do it`, {
    evidence,
    next: [{ label: 'see the whole of it', command: 'tail -n 50 /var/log/apt/term.log' }],
  });
}
