import { describe, expect, test } from 'vitest';
import type { Connection, ExecOptions, Output } from '../../src/core/transport.ts';
import { local } from '../../src/transport/local.ts';
import { tmshLogin } from '../../src/transport/tmsh-login.ts';
import { transportContract } from './contract.ts';

const REFUSED: Output = { code: 1, stdout: '', stderr: 'Syntax Error: unexpected argument "sh"\n' };
const here = local('here');

/** A login whose shell is tmsh: it knows `run util PROGRAM`, and nothing that a shell knows. */
const tmsh = (bash = true) => {
  const sent: string[] = [];
  const connection: Connection = {
    name: 'here',
    exec: async (argv: readonly string[], options?: ExecOptions) => {
      sent.push(argv.join(' '));
      return bash && argv.join(' ') === 'run util bash' ? here.exec(['bash'], options) : REFUSED;
    },
    start: async (argv) => {
      if (argv[0] !== 'run' || argv[1] !== 'util') throw new Error(`tmsh: ${argv.join(' ')}`);
      return here.start(argv.slice(2));
    },
    open: async (argv) => {
      if (argv[0] !== 'run' || argv[1] !== 'util') throw new Error(`tmsh: ${argv.join(' ')}`);
      return here.open(argv.slice(2));
    },
    close: here.close,
  };
  return { connection, sent };
};

transportContract('a login whose shell is tmsh', () => tmshLogin(tmsh().connection));
transportContract('a login that might be tmsh and is bash', () => tmshLogin(here));

describe('A login to a unit', () => {
  test('with bash is asked nothing more', async () => {
    const sent: string[] = [];
    const counted: Connection = {
      ...here,
      exec: (argv, options) => {
        sent.push(argv.join(' '));
        return here.exec(argv, options);
      },
    };
    await tmshLogin(counted).exec(['echo', 'hello']);
    expect(sent).toEqual(['echo hello']);
  });

  test('with bash may answer in the words of tmsh: one question tells', async () => {
    const login = tmshLogin(here);
    const wrong = ['sh', '-c', 'echo "Syntax Error: unexpected argument" >&2; exit 1'];
    expect(await login.exec(wrong)).toMatchObject({ code: 1, stderr: 'Syntax Error: unexpected argument\n' });
    expect((await login.exec(['echo', 'hello'])).stdout).toBe('hello\n');
  });

  test('with tmsh goes through bash, found once', async () => {
    const { connection, sent } = tmsh();
    const login = tmshLogin(connection);
    expect((await login.exec(['echo', 'two  words'])).stdout).toBe('two  words\n');
    expect((await login.exec(['cat'], { stdin: "it's\n" })).stdout).toBe("it's\n");
    expect(sent).toEqual(['echo two  words', 'run util bash', 'run util bash', 'run util bash']);
  });

  test('with tmsh and no bash is told so', async () => {
    const login = tmshLogin(tmsh(false).connection);
    await expect(login.exec(['id', '-u'])).rejects.toMatchObject({
      code: 'BIGIP.LOGIN',
      evidence: [{ label: 'answer', text: 'Syntax Error: unexpected argument "sh"' }],
    });
  });
});
