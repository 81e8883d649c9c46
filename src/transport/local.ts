import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
      // what nobody reads never ends
      running.stderr.resume();
      return dialogue({ ...running, stdin });
    },
    close: async () => {},
  };
}

/** As shells have it. */
const NOT_ALLOWED = 126;
const NOT_THERE = 127;

/** A bare `spawn`: every command is asked here many times, and a library would be most of what loading and asking cost. */
async function start(name: string, argv: readonly string[]) {
  const [file = '', ...args] = asProgram(argv);
  const unstartable = (cause: unknown) =>
    new CpaasError('HOST.COMMAND', `${name}: ${file} cannot be started`, {
      cause,
      evidence: [commandLine(argv), { label: 'seen', text: cause instanceof Error ? cause.message : String(cause) }],
    });
  const child = begin(file, args, unstartable);
  // Where no file descriptor is left for them there are no pipes.
  if (child.stdin === undefined) throw unstartable((await once(child, 'error'))[0]);
  // A program may leave before it has read everything.
  child.stdin.on('error', () => {});
  const running: Running = {
    stdout: child.stdout,
    stderr: child.stderr,
    ended: once(child, 'close').then(
      ([code, signal]) => code ?? 128 + constants.signals[signal as NodeJS.Signals],
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return NOT_THERE;
        if (error.code === 'EACCES') return NOT_ALLOWED;
        throw unstartable(error);
      },
    ),
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

function begin(file: string, args: readonly string[], unstartable: (cause: unknown) => CpaasError) {
  try {
    // A group of its own: Ctrl-C on the terminal is for cpaas to answer, and what is given up is ended with all its children.
    return spawn(file, args, { detached: true });
  } catch (cause) {
    // Arguments that are longer than the kernel takes.
    throw unstartable(cause);
  }
}
