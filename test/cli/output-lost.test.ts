import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { main } from '../../src/main.ts';

const full = () =>
  new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })) });

test.each(['schema', 'explain -o json', 'nowhere -o json', '--help', 'plan --help', '--version'])(
  '%s to a full disk is foreseen',
  async (line) => {
    const said: string[] = [];
    const stderr = new Writable({
      write: (chunk, _encoding, done) => {
        said.push(String(chunk));
        done();
      },
    });
    const never = new AbortController().signal;
    const io = { env: {}, stdin: new PassThrough(), stdout: full(), stderr, interrupted: never, killed: never };
    expect(await main(line.split(' '), io)).toBe(2);
    expect(said.join('')).toMatch(/OUTPUT\.WRITE|unknown command/);
    expect(said.join('')).not.toContain('BUG');
  },
);

test.skipIf(!existsSync('/dev/full'))('what a program says meanwhile may be lost: only its answer may not', () => {
  const said = "import('./dist/cli/process-io.js').then(({ processIo }) => processIo().stderr.write('on the way\\n'))";
  const run = (line: string) => spawnSync('sh', ['-c', line, process.execPath, said], { encoding: 'utf8' });
  expect(run('"$0" -e "$1" 2>/dev/full')).toMatchObject({ status: 0 });
  for (const words of ['--help', '--version', 'explain', 'schema']) {
    const { status, stderr } = run(`"$0" bin/cpaas.js ${words} >/dev/full`);
    expect({ words, status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^✖ OUTPUT\.WRITE\s[^✖]*$/),
    });
  }
});

test('a reader that has seen enough is no failure', () => {
  const line = '{ "$0" bin/cpaas.js --help; echo "exit $?" >&2; } | true';
  expect(spawnSync('sh', ['-c', line, process.execPath], { encoding: 'utf8' }).stderr).toBe('exit 0\n');
});
