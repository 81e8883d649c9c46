import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Content } from '../../src/core/artifacts.ts';
import { reading } from '../../src/core/reading.ts';
import type { Connection, Transport } from '../../src/core/transport.ts';
import { asHost } from '../../src/transport/host.ts';

const HOSTILE = [
  'plain',
  '',
  ' ',
  '$(touch /tmp/cpaas-hostile)',
  '`id`',
  "it's",
  '"double"',
  'two\nlines\n',
  'tab\there',
  '*',
  '~root',
  '-n',
  '\\n',
  '!!',
  '#comment',
  'a;b|c&d>e<f',
  'größe ☃',
  '%s',
];

/** What every way of running commands owes. Its files lie on this machine, whatever the way. */
export function transportContract(what: string, connect: () => Promise<Connection> | Connection): void {
  describe(what, () => {
    let connection: Connection;
    let host: Transport;
    let folder: string;
    const path = (name: string) => join(folder, name);
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'cpaas-contract-'));
      connection = await connect();
      host = asHost(connection, { timeout: 20_000 });
    });
    afterAll(async () => {
      await connection?.close();
      rmSync(folder, { recursive: true });
    });

    it('tells standard output, standard error and the exit code apart', async () => {
      const argv = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
      expect(await connection.exec(argv)).toEqual({ stdout: 'out\n', stderr: 'err\n', code: 3 });
    });

    it('hands over every argument as it is', async () => {
      const { stdout } = await connection.exec(['printf', '%s\\0', ...HOSTILE]);
      expect(stdout.split('\0').slice(0, -1)).toEqual(HOSTILE);
      expect(existsSync('/tmp/cpaas-hostile')).toBe(false);
    });

    it('hands over every byte of standard input, and its end', async () => {
      const stdin = randomBytes(700_000).toString('base64');
      const { stdout } = await connection.exec(['cat'], { stdin });
      expect(stdout === stdin).toBe(true);
    });

    it('gives an empty standard input to a command that has none', async () => {
      expect(await connection.exec(['cat'])).toEqual({ stdout: '', stderr: '', code: 0 });
    });

    it('does not mind a command that leaves its input unread', async () => {
      const { code } = await connection.exec(['true'], { stdin: 'x'.repeat(5_000_000) });
      expect(code).toBe(0);
    });

    it('ends with 127 where a program is not there', async () => {
      const { code, stderr } = await connection.exec(['cpaas-no-such-program']);
      expect(code).toBe(127);
      expect(stderr).toContain('cpaas-no-such-program');
    });

    it('knows `command -v`', async () => {
      expect((await connection.exec(['command', '-v', 'sh'])).stdout).toMatch(/\/sh\n$/);
    });

    it('ends with 128 and the signal where a program was ended by one', async () => {
      expect((await connection.exec(['sh', '-c', 'kill -TERM $$'])).code).toBe(143);
    });

    it('gives up a command at its deadline, with what it said last, and ends it with its children', async () => {
      const script = 'echo half way; sleep 1000 & echo $! > "$0"; wait';
      await expect(connection.exec(['sh', '-c', script, path('pid')], { timeout: 3000 })).rejects.toMatchObject({
        code: 'HOST.TIMEOUT',
        evidence: expect.arrayContaining([{ label: 'last said', text: 'half way' }]),
      });
      const pid = Number(readFileSync(path('pid'), 'utf8'));
      await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
    });

    it('gives up a command when the signal is aborted', async () => {
      const stop = new AbortController();
      const running = connection.exec(['sleep', '1000'], { signal: stop.signal });
      stop.abort(new Error('Ctrl-C'));
      await expect(running).rejects.toThrow('Ctrl-C');
      await expect(connection.exec(['true'], { signal: stop.signal })).rejects.toThrow('Ctrl-C');
    });

    it('refuses 100 MB of answer, and keeps little of it', async () => {
      const before = process.memoryUsage().rss;
      await expect(connection.exec(['head', '-c', '100000000', '/dev/zero'])).rejects.toMatchObject({
        code: 'HOST.OUTPUT',
      });
      expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(160);
      expect((await connection.exec(['echo', 'still here'])).stdout).toBe('still here\n');
    });

    it('holds a conversation with a program that believes it is on a wide terminal', async () => {
      const stream = await host.open([
        'sh',
        '-c',
        'test -t 0 && stty size; echo "$TERM"; read -r line; echo "got $line"',
      ]);
      let said = '';
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      const ended = new Promise((resolve) => stream.once('end', resolve));
      stream.write('hello\r');
      await ended;
      expect(said).toContain('24 500');
      expect(said).toContain('vt100');
      expect(said).toContain('got hello');
    });

    it('answers several questions in their order, each with its own output and code', async () => {
      writeFileSync(path('no-newline'), 'no newline');
      const answers = await host.queryAll([
        reading(['cat', path('no-newline')]),
        reading(['test', '-e', path('absent')], { codes: [1] }),
        reading(['cat', path('absent')], { codes: [1] }),
        reading(['cpaas-absent', 'x'].slice(2).concat('echo', "it's", '$(id)')),
      ]);
      expect(answers.map(({ stdout, code }) => [stdout, code])).toEqual([
        ['no newline', 0],
        ['', 1],
        ['', 1],
        ["it's $(id)\n", 0],
      ]);
      expect(answers.map(({ stderr }) => stderr.includes('No such file'))).toEqual([false, false, true, false]);
    });

    it('an answer that failed is no answer', async () => {
      await expect(host.query(reading(['cat', path('absent')]))).rejects.toMatchObject({
        code: 'HOST.COMMAND',
        message: expect.stringContaining('cat ended with code 1'),
        evidence: [
          { label: 'command', text: `cat ${path('absent')}` },
          { label: 'answer', text: expect.stringContaining('No such file') },
        ],
      });
      await expect(
        host.queryAll([reading(['true']), reading(['cat', path('absent')]), reading(['true'])]),
      ).rejects.toMatchObject({ code: 'HOST.COMMAND' });
      await expect(host.run(['sh', '-c', 'exit 4'], { codes: [4] })).resolves.toMatchObject({ code: 4 });
    });

    it('hands over the lines of a command that goes on while they come', async () => {
      const { pipe, write } = fifo();
      const lines = host.follow(reading(['cat', pipe]), new AbortController().signal)[Symbol.asyncIterator]();
      const first = lines.next();
      await write('one\ntw');
      expect(await first).toEqual({ done: false, value: 'one' });
      const second = lines.next();
      await write('o\nthree');
      expect(await second).toEqual({ done: false, value: 'two' });
      const last = lines.next();
      await write();
      expect(await last).toEqual({ done: false, value: 'three' });
      expect(await lines.next()).toEqual({ done: true, value: undefined });
    });

    it('ends a command that goes on when nobody asks for more, and when the signal is aborted', async () => {
      for (const how of ['leave', 'abort'] as const) {
        const { pipe, write, unread } = fifo();
        const stop = new AbortController();
        const lines = host.follow(reading(['cat', pipe]), stop.signal)[Symbol.asyncIterator]();
        const first = lines.next();
        await write('one\n');
        await first;
        if (how === 'leave') await lines.return?.();
        else {
          const next = lines.next();
          stop.abort(new Error('Ctrl-C'));
          await expect(next).rejects.toThrow('Ctrl-C');
        }
        await expect.poll(unread).toBe(true);
        await write();
      }
    });

    it('a command that goes on and fails is told as any other; one that prints no lines is cut off', async () => {
      const { signal } = new AbortController();
      const all = async (argv: readonly string[]) => {
        for await (const _ of host.follow(reading(argv), signal));
      };
      await expect(all(['cat', path('absent')])).rejects.toMatchObject({
        code: 'HOST.COMMAND',
        evidence: expect.arrayContaining([{ label: 'answer', text: expect.stringContaining('No such file') }]),
      });
      await expect(all(['head', '-c', '100000000', '/dev/zero'])).rejects.toMatchObject({ code: 'HOST.OUTPUT' });
    });

    /** A file that lines come through one by one. `unread`: nobody holds it open for reading any more. */
    function fifo() {
      const pipe = path(`fifo-${randomBytes(4).toString('hex')}`);
      execFileSync('mkfifo', [pipe]);
      let file: FileHandle | undefined;
      return {
        pipe,
        write: async (text?: string) => {
          file ??= await open(pipe, 'w');
          if (text === undefined) await file.close();
          else await file.write(text);
        },
        unread: async () => {
          const probe = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
          await probe?.close();
          return probe === undefined;
        },
      };
    }

    it('reads a file, and knows one that is absent from one that cannot be read', async () => {
      writeFileSync(path("odd 'name"), 'content\n');
      expect(await host.read(path("odd 'name"))).toBe('content\n');
      expect(await host.read(path('absent'))).toBeUndefined();
      await expect(host.read(folder)).rejects.toMatchObject({ code: 'HOST.COMMAND' });
    });

    it('writes a file whole, with its mode, and leaves nothing beside it', async () => {
      const file = path("new $(id) 'file");
      for (const [content, mode] of [
        ['first\n', undefined],
        ["sec'ond $HOME\n\n", 0o600],
        ['', 0o400],
        ['ü'.repeat(300_000), 0o755],
      ] as const) {
        await host.write(file, content, mode === undefined ? {} : { mode });
        expect(readFileSync(file, 'utf8') === content).toBe(true);
        expect(statSync(file).mode & 0o777).toBe(mode ?? 0o644);
      }
      expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    });

    it('what is not text comes whole, in pieces; where it ends early nothing is written', async () => {
      const file = path('program');
      const piece = Buffer.alloc(100_000, '\0\n\xff', 'latin1');
      const pieces = (count: number): Content => ({
        size: 20 * piece.length,
        open: async function* () {
          for (let each = 0; each < count; each++) yield piece;
        },
      });
      await host.write(file, pieces(20), { mode: 0o755 });
      expect(readFileSync(file).equals(Buffer.concat(Array.from({ length: 20 }, () => piece)))).toBe(true);
      expect(statSync(file).mode & 0o777).toBe(0o755);
      await expect(host.write(path('short'), pieces(19))).rejects.toMatchObject({ code: 'HOST.COMMAND' });
      const broken: Content = {
        size: 5,
        // biome-ignore lint/correctness/useYield: it ends before its first piece
        open: async function* () {
          throw new Error('the disk is gone');
        },
      };
      await expect(host.write(path('broken'), broken)).rejects.toMatchObject({ code: 'HOST.COMMAND' });
      expect([existsSync(path('short')), existsSync(path('broken'))]).toEqual([false, false]);
    });

    it('a write that cannot be done leaves what was there', async () => {
      await expect(host.write(path('no/such/folder'), 'x')).rejects.toMatchObject({ code: 'HOST.COMMAND' });
      await expect(host.write(folder, 'x')).rejects.toMatchObject({ code: 'HOST.COMMAND' });
      writeFileSync(path('kept'), 'kept');
      chmodSync(path('kept'), 0o640);
      // As when the connection breaks: the content ends early, without an error.
      const cut: Connection = {
        ...connection,
        exec: (argv, options) => connection.exec(argv, { ...options, stdin: `${options?.stdin ?? ''}`.slice(0, 5) }),
      };
      await expect(asHost(cut).write(path('kept'), 'much longer')).rejects.toMatchObject({ code: 'HOST.COMMAND' });
      expect(readFileSync(path('kept'), 'utf8')).toBe('kept');
      expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    });
  });
}

/** A zombie has ended: it waits for its parent only. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
