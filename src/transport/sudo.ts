import { randomBytes } from 'node:crypto';
import type { Content } from '../core/artifacts.ts';
import { CpaasError, type ErrorCode } from '../core/errors.ts';
import { lastWords } from '../core/last-words.ts';
import type { Connection, ExecOptions, Output } from '../core/transport.ts';
import { commandLine } from './collect.ts';
import { asProgram } from './program.ts';

/**
 * Runs every command as root. With a password it is given to sudo over stdin; what goes on (`open`, `start`) works
 * only where sudo asks for none.
 * Rejects with `SUDO.MISSING`, `SUDO.PASSWORD` or `SUDO.DENIED` where sudo itself refused.
 */
export function sudo(connection: Connection, password?: () => Promise<string>): Connection {
  const { name } = connection;
  const plain = (argv: readonly string[]) => ['sudo', '-n', '--', ...asProgram(argv)];
  const checked = async (argv: readonly string[], running: Promise<Output>): Promise<Output> => {
    const output = asShells(await running);
    const error = refusal(name, argv, output);
    if (error) throw error;
    return output;
  };
  // Alone and once: sudo would take what follows a wrong password for the next ones, and some systems lock a user out after three.
  let proven: Promise<string> | undefined;
  const prove = async (
    ask: () => Promise<string>,
    limits: Pick<ExecOptions, 'timeout' | 'signal'>,
  ): Promise<string> => {
    const secret = await ask();
    const argv = ['sudo', '-S', '-p', '', '-v'];
    await checked(argv, connection.exec(argv, { ...limits, stdin: `${secret}\n` }));
    return secret;
  };
  return {
    ...connection,
    exec: async (argv, options = {}) => {
      if (password === undefined) return checked(argv, connection.exec(plain(argv), options));
      proven ??= prove(password, options).catch((error: unknown) => {
        // Whoever could not be asked did not refuse anything.
        if (!(error instanceof CpaasError && error.code.startsWith('SUDO.'))) proven = undefined;
        throw error;
      });
      return checked(argv, connection.exec(...withPassword(argv, await proven, options)));
    },
    start: (argv) => connection.start(plain(argv)),
    open: (argv) => connection.open(plain(argv)),
  };
}

/**
 * sudo reads the password only when it needs one, which nobody can know before. So a mark follows it, and a shell inside throws away
 * what is left before the mark: the password never becomes the input of the command.
 */
function withPassword<Options extends Pick<ExecOptions, 'stdin'>>(
  argv: readonly string[],
  secret: string,
  options: Options,
): [string[], Options] {
  const mark = randomBytes(16).toString('hex');
  const skip = 'mark=$1; shift; while IFS= read -r line; do [ "$line" != "$mark" ] || exec "$@"; done; exit 70';
  return [
    ['sudo', '-S', '-p', '', '--', 'sh', '-c', skip, 'sh', mark, ...asProgram(argv)],
    { ...options, stdin: preceded(`${secret}\n${mark}\n`, options.stdin) },
  ];
}

function preceded(line: string, stdin: ExecOptions['stdin'] = ''): string | Content {
  if (typeof stdin === 'string') return `${line}${stdin}`;
  const before = Buffer.from(line);
  return {
    size: before.length + stdin.size,
    open: async function* () {
      yield before;
      yield* stdin.open();
    },
  };
}

interface Refusal {
  readonly code: ErrorCode;
  readonly seen: RegExp;
  readonly why: string;
  readonly next: string;
}

const refusals: readonly Refusal[] = [
  {
    code: 'SUDO.MISSING',
    seen: /\bsudo\W{0,2}: (command )?(not found|No such file)/,
    why: 'sudo is not there',
    next: 'log in as root, or install sudo',
  },
  {
    code: 'SUDO.PASSWORD',
    seen: /incorrect password attempt|no password was provided|Sorry, try again/,
    why: 'sudo does not take the password',
    next: 'check the password that the cluster file refers to',
  },
  {
    code: 'SUDO.PASSWORD',
    seen: /sudo: (a password is|a terminal is|no tty present)/,
    why: 'sudo asks for a password',
    next: 'refer to it in the cluster file, or let the user run commands without one (NOPASSWD)',
  },
  {
    code: 'SUDO.DENIED',
    seen: /must have a tty/,
    why: 'sudo works at a terminal alone (requiretty)',
    next: 'take requiretty from that user (Defaults:USER !requiretty in /etc/sudoers.d), or log in as root',
  },
  {
    code: 'SUDO.DENIED',
    seen: /not in the sudoers file|may not run sudo|is not allowed to (execute|run)/,
    why: 'sudo refuses',
    next: 'let the user run commands as root, or log in as root',
  },
];

function refusal(name: string, argv: readonly string[], { code, stderr }: Output): CpaasError | undefined {
  const found = code === 0 ? undefined : refusals.find(({ seen }) => seen.test(stderr));
  return (
    found &&
    new CpaasError(found.code, `${name}: ${found.why}`, {
      evidence: [commandLine(argv), { label: 'answer', text: lastWords(stderr) }],
      next: [{ label: found.next }],
    })
  );
}

/** sudo ends with 1 where a shell ends with 127. */
const asShells = (output: Output): Output =>
  output.code === 1 && /^sudo: .*: command not found$/m.test(output.stderr) ? { ...output, code: 127 } : output;
