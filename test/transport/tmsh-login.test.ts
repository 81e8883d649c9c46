import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { CpaasError } from '../../src/core/errors.ts';
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

  test('with tmsh, and neither bash nor imish, is told so', async () => {
    const login = tmshLogin(tmsh(false).connection);
    await expect(login.exec(['id', '-u'])).rejects.toMatchObject({
      code: 'BIGIP.LOGIN',
      evidence: [
        { label: 'run util bash', text: 'Syntax Error: unexpected argument "sh"' },
        { label: 'run util imish', text: 'Syntax Error: unexpected argument "sh"' },
      ],
    });
  });

  test('with tmsh and imish, and no bash, does with these: no files, no other programs', async () => {
    const sent: string[] = [];
    const appliance: Connection = {
      ...here,
      exec: async (argv) => {
        const line = argv.join(' ');
        sent.push(line);
        if (line.startsWith('run util imish'))
          return { code: 1, stdout: '', stderr: 'Error opening terminal: unknown.\n' };
        return argv[0] === 'list' ? { code: 0, stdout: `${line}\n`, stderr: '' } : REFUSED;
      },
      open: async (argv) => {
        sent.push(`on a terminal: ${argv.join(' ')}`);
        return new PassThrough().end('router bgp 64512\r\nend\r\n');
      },
    };
    const login = tmshLogin(appliance);
    const answers = await login.execAll?.([
      ['tmsh', '-q', 'list', 'net', 'self', 'one-line'],
      ['env', 'TERM=vt100', 'imish', '-r', '0', '-e', 'show running-config'],
      ['cat', '/var/tmp/holder'],
      ['id', '-u'],
    ]);
    expect(answers).toEqual([
      { code: 0, stdout: 'list net self one-line\n', stderr: '' },
      { code: 0, stdout: 'router bgp 64512\nend\n', stderr: '' },
      { code: 1, stdout: '', stderr: 'cat: /var/tmp/holder: No such file or directory\n' },
      { code: 127, stdout: '', stderr: 'id: this login has no shell\n' },
    ]);
    await login.open(['env', 'TERM=vt100', 'imish', '-r', '7']);
    const put = (...argv: readonly string[]) => login.put?.(argv)?.join(' ');
    expect(put('tmsh', 'modify', 'net', 'self', 'internal')).toBe('modify net self internal');
    expect(put('env', 'TERM=vt100', 'imish', '-r', '0')).toBe('run util imish -r 0');
    expect(put('sh', '-c', 'arms a revert')).toBeUndefined();
    expect(sent).toEqual([
      'sh -s',
      'run util bash',
      'run util imish -e show version',
      'list net self one-line',
      'on a terminal: run util imish -r 0 -e show running-config',
      'on a terminal: run util imish -r 7',
    ]);
  });

  test('with tmsh and imish has no answer where the connection broke in the middle of one', async () => {
    const broken = new CpaasError('HOST.UNREACHABLE', 'the connection was lost');
    const open = async () => {
      const stream = new PassThrough();
      stream.write('router bgp 64512\r\n', () => stream.destroy(broken));
      return stream;
    };
    const exec = async (argv: readonly string[]) =>
      argv.join(' ').startsWith('run util imish')
        ? { code: 1, stdout: '', stderr: 'Error opening terminal: unknown.\n' }
        : REFUSED;
    const login = tmshLogin({ ...here, exec, open });
    await expect(login.exec(['imish', '-e', 'show running-config'])).rejects.toBe(broken);
  });
});
