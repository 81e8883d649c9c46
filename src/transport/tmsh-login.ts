import { CpaasError } from '../core/errors.ts';
import { quoteAll } from '../core/quote.ts';
import type { Connection, ExecOptions, Output } from '../core/transport.ts';
import { execAll } from './batch.ts';

/** What tmsh says to a command line that was meant for a shell. */
const NO_COMMAND = /^Syntax Error:/;
/** What leads from tmsh to a shell, for administrators of a unit that is no appliance. */
const TO_BASH = ['run', 'util', 'bash'] as const;
const PROOF = 'cpaas-2';

/**
 * A unit whose login may be tmsh. There every command goes through `run util bash`, which takes it from its input: tmsh has rules of its own
 * for quotes. The first answer tells which of the two it is, so that a login with bash is asked nothing more. Rejects with
 * `BIGIP.LOGIN` where there is no way to a shell.
 */
export function tmshLogin(connection: Connection): Connection {
  const { name } = connection;
  let shell: 'bash' | 'tmsh' | undefined;

  const inBash = (script: string, options: ExecOptions): Promise<Output> =>
    connection.exec(TO_BASH, { ...options, stdin: script });

  /** Asked once, when an answer might be tmsh's: bash has no command `run`. */
  async function find({ stdin: _, ...options }: ExecOptions): Promise<'bash' | 'tmsh'> {
    const { code, stdout, stderr } = await inBash('echo cpaas-$((1+1))\n', options);
    if (stdout.trim() === PROOF) return 'tmsh';
    if (code === 127) return 'bash';
    throw new CpaasError('BIGIP.LOGIN', `${name}: this login has tmsh and no way to a shell`, {
      evidence: [{ label: 'answer', text: (stderr || stdout).trim() || '(nothing)' }],
      next: [
        {
          label: 'gives an administrator the advanced shell, on the unit',
          command: 'tmsh modify auth user NAME shell bash',
        },
        { label: 'a unit in appliance mode has no shell for anybody: its routing cannot be changed with a revert' },
      ],
    });
  }

  const exec = async (argv: readonly string[], options: ExecOptions = {}): Promise<Output> => {
    if (shell === 'tmsh') return inBash(await script(argv, options.stdin), options);
    const output = await connection.exec(argv, options);
    if (shell === 'bash' || ![output.stdout, output.stderr].some((said) => NO_COMMAND.test(said))) {
      shell = 'bash';
      return output;
    }
    shell = await find(options);
    return shell === 'bash' ? output : inBash(await script(argv, options.stdin), options);
  };

  /** Which shell a login has that was asked nothing yet. */
  const known = async (): Promise<'bash' | 'tmsh'> => {
    if (shell === undefined) await exec(['true']);
    return shell ?? 'bash';
  };
  const alone: Connection = {
    ...connection,
    exec,
    start: async (argv) => {
      const wrapped = (await known()) === 'bash' ? argv : [...TO_BASH, '-c', quoteAll(argv)];
      return connection.start(wrapped);
    },
    open: async (argv) => {
      const wrapped = (await known()) === 'bash' ? argv : ['run', 'util', ...withoutTerm(argv)];
      return connection.open(wrapped);
    },
  };
  const { execAll: _, ...single } = alone;
  return { ...alone, execAll: (commands, options) => execAll(single, commands, options) };
}

/** The input of a command is part of the script, which runs only when all of it has come. */
async function script(argv: readonly string[], stdin: ExecOptions['stdin'] = ''): Promise<string> {
  const chunks: Uint8Array[] = [];
  if (typeof stdin === 'string') chunks.push(Buffer.from(stdin));
  else
    try {
      for await (const chunk of stdin.open()) chunks.push(chunk);
    } catch {
      // as everywhere: the program is given less, and notices by the size
    }
  const input = Buffer.concat(chunks).toString('base64');
  return `{\nbase64 -d <<'END' | ${quoteAll(argv)}\n${input}\nEND\nexit\n}\n`;
}

/** `env TERM=vt100 imish -r 0` without what a terminal gives anyway: tmsh starts imish, and knows no env. */
const withoutTerm = ([first = '', ...rest]: readonly string[]): readonly string[] =>
  first === 'env' ? rest.slice(rest.findIndex((word) => !/^\w+=/.test(word))) : [first, ...rest];
