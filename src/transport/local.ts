import { constants } from 'node:os';
import { CpaasError } from '../core/errors.ts';
import type { Connection, Running } from '../core/transport.ts';
import { collect, commandLine } from './collect.ts';
import { dialogue } from './dialogue.ts';
import { feed } from './feed.ts';
import { asProgram } from './program.ts';
import { onTerminal } from './terminal.ts';

/** This machine. */
export function local(name: string): Connection {
  return {
    name,
    exec: async (argv, { stdin, ...options } = {}) => {
      options.signal?.throwIfAborted();
      const { running, stdin: input, pid } = await start(name, argv);
      feed(input, stdin);
      const output = await collect(running, { host: name, argv }, options);
      return pid === undefined
        ? {
            ...output,
            stderr: `${argv[0]}: ${output.code === NOT_THERE ? 'command not found' : 'permission denied'}\n`,
          }
        : output;
    },
    start: async (argv) => {
      const { running, stdin } = await start(name, argv);
      stdin.end();
      return running;
    },
    open: async (argv) => {
      const { running, stdin } = await start(name, onTerminal(argv));
      return dialogue({ ...running, stdin });
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
  const [file = '', ...args] = asProgram(argv);
  const child = execa(file, args, {
    reject: false,
    buffer: false,
    stdin: 'pipe',
    stripFinalNewline: false,
    // A group of its own: Ctrl-C on the terminal is for cpaas to answer, and what is given up is ended with all its children.
    detached: true,
  });
  // A program may leave before it has read everything.
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
