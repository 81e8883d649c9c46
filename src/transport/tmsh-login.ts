import { CpaasError } from '../core/errors.ts';
import { quoteAll } from '../core/quote.ts';
import type { Connection, ExecOptions, Output } from '../core/transport.ts';
import { execAll } from './batch.ts';
import { bare, withoutShell } from './without-shell.ts';

/** What tmsh says to a command line that was meant for a shell. */
const NO_COMMAND = /^Syntax Error:/;
/** What it says to somebody whose role has no use of a program. */
const REFUSED = /^(Syntax Error:|\d{8}:\d: |.*(access denied|not (authori[sz]ed|permitted|allowed)))/im;
/** What leads from tmsh to a shell, for administrators of a unit that is no appliance. */
const TO_BASH = ['run', 'util', 'bash'] as const;
const PROOF = 'cpaas-2';

/**
 * A unit whose login may be tmsh. There every command goes through `run util bash`, which takes it from its input: tmsh has rules of its own
 * for quotes. The first answer tells which of the two it is, so that a login with bash is asked nothing more. Where bash is refused and
 * imish is not, as in appliance mode, it does with what tmsh has. Rejects with `BIGIP.LOGIN` where imish is refused, too.
 */
export function tmshLogin(connection: Connection): Connection {
  const { name } = connection;
  let shell: Shell | undefined;
  const shellless = withoutShell(connection);

  const inBash = (script: string, options: ExecOptions): Promise<Output> =>
    connection.exec(TO_BASH, { ...options, stdin: script });

  /** Asked once, when an answer might be tmsh's: bash has no command `run`. */
  async function find({ stdin: _, ...options }: ExecOptions): Promise<Shell> {
    const { code, stdout, stderr } = await inBash('echo cpaas-$((1+1))\n', options);
    if (stdout.trim() === PROOF) return 'tmsh';
    if (code === 127) return 'bash';
    const imish = await connection.exec(['run', 'util', 'imish', '-e', 'show version'], options);
    if (![imish.stdout, imish.stderr].some((said) => REFUSED.test(said))) return 'none';
    throw new CpaasError('BIGIP.LOGIN', `${name}: this login has tmsh and no way to a shell, nor to imish`, {
      evidence: [
        { label: 'run util bash', text: (stderr || stdout).trim() || '(nothing)' },
        { label: 'run util imish', text: (imish.stderr || imish.stdout).trim() || '(nothing)' },
      ],
      next: [
        {
          label: 'gives an administrator the advanced shell, on the unit',
          command: 'tmsh modify auth user NAME shell bash',
        },
        { label: 'in appliance mode, where nobody has one: log in as an administrator, who may use imish' },
      ],
    });
  }

  const exec = async (argv: readonly string[], options: ExecOptions = {}): Promise<Output> => {
    if (shell === 'none') return shellless.exec(argv, options);
    if (shell === 'tmsh') return inBash(await script(argv, options.stdin), options);
    const output = await connection.exec(argv, options);
    if (shell === 'bash' || ![output.stdout, output.stderr].some((said) => NO_COMMAND.test(said))) {
      shell = 'bash';
      return output;
    }
    shell = await find(options);
    if (shell === 'bash') return output;
    return shell === 'none' ? shellless.exec(argv, options) : inBash(await script(argv, options.stdin), options);
  };

  /** Which shell a login has that was asked nothing yet. */
  const known = async (): Promise<Shell> => {
    if (shell === undefined) await exec(['true']);
    return shell ?? 'bash';
  };
  const alone: Connection = {
    ...connection,
    put: (argv) => (shell === 'none' ? shellless.put?.(argv) : argv),
    exec,
    start: async (argv) => {
      const has = await known();
      if (has === 'none') return shellless.start(argv);
      return connection.start(has === 'bash' ? argv : [...TO_BASH, '-c', quoteAll(argv)]);
    },
    open: async (argv) => {
      const wrapped = (await known()) === 'bash' ? argv : ['run', 'util', ...bare(argv)];
      return connection.open(wrapped);
    },
  };
  const { execAll: _, ...single } = alone;
  const isShellless = (): boolean => shell === 'none';
  return {
    ...alone,
    execAll: async (commands, options) => {
      if (isShellless()) return execAll(shellless, commands, options);
      return execAll(single, commands, options).catch((error: unknown) => {
        // this first answer has told it
        if (isShellless()) return execAll(shellless, commands, options);
        throw error;
      });
    },
  };
}

type Shell = 'bash' | 'tmsh' | 'none';

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
