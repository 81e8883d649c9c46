import { constants } from 'node:os';
import { Duplex } from 'node:stream';
import { CpaasError } from '../core/errors.ts';
import type { Connection } from '../core/transport.ts';
import { collect, commandLine, type Running } from './collect.ts';
import { onTerminal } from './terminal.ts';

/** This machine. */
export function local(name: string): Connection {
  return {
    name,
    exec: async (argv, { stdin, ...options } = {}) => {
      options.signal?.throwIfAborted();
      const { running, stdin: input, pid } = await start(name, argv);
      input.end(stdin ?? '');
      const output = await collect(running, { host: name, argv }, options);
      return pid === undefined
        ? {
            ...output,
            stderr: `${argv[0]}: ${output.code === NOT_THERE ? 'command not found' : 'permission denied'}\n`,
          }
        : output;
    },
    open: async (argv) => {
      const { running, stdin } = await start(name, onTerminal(argv));
      const stream = Duplex.from({ readable: running.stdout, writable: stdin });
      stream.once('close', running.kill);
      return stream;
    },
    close: async () => {},
  };
}

/** As shells have it. */
const NOT_ALLOWED = 126;
const NOT_THERE = 127;

async function start(name: string, argv: readonly string[]) {
  // 100 ms that only those pay who run something here.
  const { execa } = await import('execa');
  const [file = '', ...args] = program(argv);
  const child = execa(file, args, {
    reject: false,
    buffer: false,
    stdin: 'pipe',
    stripFinalNewline: false,
    // A group of its own: Ctrl-C on the terminal is for cpaas to answer, and what is given up is ended with all its children.
    detached: true,
  });
  // A program that ends before it has read everything is no failure of ours.
  child.stdin.on('error', () => {});
  const running: Running = {
    stdout: child.stdout,
    stderr: child.stderr,
    ended: child.then((result) => {
      if (result.exitCode !== undefined) return result.exitCode;
      if (result.signal !== undefined) return 128 + constants.signals[result.signal as NodeJS.Signals];
      if (result.code === 'ENOENT') return NOT_THERE;
      if (result.code === 'EACCES') return NOT_ALLOWED;
      throw new CpaasError('HOST.COMMAND', `${name}: ${file} cannot be started`, {
        cause: result.cause,
        evidence: [commandLine(argv), { label: 'seen', text: result.originalMessage ?? String(result.code) }],
      });
    }),
    kill: () => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    },
  };
  return { running, stdin: child.stdin, pid: child.pid };
}

/** `command -v` is a word of the shell: most systems have no program of that name, and over SSH a shell is there anyway. */
const program = (argv: readonly string[]): readonly string[] =>
  argv[0] === 'command' ? ['sh', '-c', '"$@"', 'sh', ...argv] : argv;
