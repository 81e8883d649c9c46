import { CpaasError } from '../core/errors.ts';
import { lastWords } from '../core/last-words.ts';
import type { ReadCommand } from '../core/reading.ts';
import type { Connection, ExecOptions, Output, Transport } from '../core/transport.ts';
import { execAll } from './batch.ts';
import { commandLine } from './collect.ts';
import { linesOf } from './follow.ts';

export interface HostDefaults {
  /** Milliseconds that a command gets which does not say. */
  readonly timeout?: number;
  /** Ends what only looks. What changes something runs to its end or its deadline: half a change helps nobody. */
  readonly signal?: AbortSignal;
}

/** A machine to look at and to change, over any way of running commands there. */
export function asHost(connection: Connection, { timeout, signal }: HostDefaults = {}): Transport {
  const { name } = connection;
  const changing = (own = timeout): ExecOptions => (own === undefined ? {} : { timeout: own });
  const looking = (own = timeout): ExecOptions => ({ ...changing(own), ...(signal && { signal }) });

  const query = async ({ argv, codes, timeout }: ReadCommand) =>
    checked(name, argv, codes, await connection.exec(argv, looking(timeout)));

  return {
    name,
    put: connection.put,
    query,
    queryAll: async (commands) => {
      const outputs = await execAll(
        connection,
        commands.map(({ argv }) => argv),
        looking(together(commands, timeout)),
      );
      return commands.map(({ argv, codes }, at) => checked(name, argv, codes, outputs[at] as Output));
    },
    read: async (path) => {
      // In C, "No such file" reads the same everywhere.
      const argv = ['env', 'LC_ALL=C', 'cat', '--', path];
      const output = await connection.exec(argv, looking());
      if (output.code !== 0 && output.stderr.includes('No such file or directory')) return undefined;
      return checked(name, argv, [], output).stdout;
    },
    follow: async function* ({ argv, codes }, signal) {
      signal.throwIfAborted();
      const running = await connection.start(argv);
      const output = yield* linesOf(running, { host: name, argv }, signal);
      checked(name, argv, codes, output);
    },
    run: async (argv, { codes = [], stdin, timeout } = {}) => {
      const options = { ...changing(timeout), ...(stdin === undefined ? {} : { stdin }) };
      return checked(name, argv, codes, await connection.exec(argv, options));
    },
    write: async (path, content, { mode = 0o644 } = {}) => {
      const size = typeof content === 'string' ? Buffer.byteLength(content) : content.size;
      const argv = ['sh', '-c', REPLACE, 'sh', path, mode.toString(8).padStart(4, '0'), String(size)];
      const deadline = timeout === undefined ? undefined : timeout + size / SLOWEST;
      const output = await connection.exec(argv, { ...changing(deadline), stdin: content });
      if (output.code !== 0)
        throw new CpaasError('HOST.COMMAND', `${name}: ${path} could not be written`, { evidence: [answer(output)] });
    },
    open: (argv) => connection.open(argv),
  };
}

/** Bytes a millisecond of a connection that is still of use: 50 KB/s. */
const SLOWEST = 50;

/**
 * Replaces file $1 by stdin, with mode $2. A connection that breaks looks like the end of the content, hence its size in bytes, $3.
 * The new file is closed to others until it has its mode, and has its mode before its content. One line: csh, where it is the shell of
 * the login, takes no more.
 */
const REPLACE = [
  'set -eu',
  'if [ -d "$1" ]; then echo "$1 is a folder" >&2; exit 1; fi',
  `case $1 in */*) new=\${1%/*}/.\${1##*/}.XXXXXXXX ;; *) new=./.$1.XXXXXXXX ;; esac`,
  'new=$(mktemp "$new")',
  `trap 'rm -f -- "$new"' EXIT`,
  'exec 3>"$new"',
  'chmod "$2" "$new"',
  'cat >&3',
  'exec 3>&-',
  '[ "$(($(wc -c <"$new")))" -eq "$3" ] || { echo "the content did not arrive whole" >&2; exit 1; }',
  'mv -f -- "$new" "$1"',
  'trap - EXIT',
].join('; ');

function checked(name: string, argv: readonly string[], codes: readonly number[], output: Output): Output {
  if (output.code === 0 || codes.includes(output.code)) return output;
  const why = output.code === 127 ? 'is not there' : `ended with code ${output.code}`;
  throw new CpaasError('HOST.COMMAND', `${name}: ${argv[0]} ${why}`, {
    evidence: [commandLine(argv), answer(output)],
  });
}

const answer = ({ stdout, stderr }: Output) => ({
  label: 'answer',
  text: lastWords(stderr) || lastWords(stdout) || 'nothing',
});

/** Milliseconds for one round trip: what commands ask for themselves, and the usual once for all those that do not say. */
function together(commands: readonly ReadCommand[], usual: number | undefined): number | undefined {
  const own = commands.reduce((sum, { timeout = 0 }) => sum + timeout, 0);
  if (commands.every(({ timeout }) => timeout !== undefined)) return own;
  return usual === undefined ? undefined : own + usual;
}
