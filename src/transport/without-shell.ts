import { Readable } from 'node:stream';
import type { Connection, ExecOptions, Output } from '../core/transport.ts';
import { collect } from './collect.ts';

/**
 * A login that gets tmsh and no way to a shell, as all have in appliance mode. tmsh is spoken to as it is, and starts what it can start:
 * imish, which wants a terminal, and ping. There are no files to see, and no other programs.
 */
export function withoutShell(connection: Connection): Connection {
  const exec = async (argv: readonly string[], options: ExecOptions = {}): Promise<Output> => {
    const [program, ...words] = bare(argv);
    const line = put(argv);
    if (line) return program === 'imish' ? onTerminal(connection, line, options) : connection.exec(line, options);
    if (program === 'cat') return ended(1, `cat: ${words.at(-1)}: No such file or directory`);
    return ended(127, `${program}: this login has no shell`);
  };
  return {
    ...connection,
    put,
    exec,
    execAll: async (commands, options) => {
      const outputs: Output[] = [];
      for (const argv of commands) outputs.push(await exec(argv, options));
      return outputs;
    },
    start: (argv) => connection.start(['run', 'util', ...bare(argv)]),
    open: (argv) => connection.open(['run', 'util', ...bare(argv)]),
  };
}

/** A command as tmsh takes it; nothing for programs that it does not start. */
function put(argv: readonly string[]): readonly string[] | undefined {
  const [program = '', ...words] = bare(argv);
  if (program === 'tmsh') return words[0] === '-q' ? words.slice(1) : words;
  return program === 'ping' || program === 'imish' ? ['run', 'util', program, ...words] : undefined;
}

/** `env TERM=vt100 imish -r 0` without what a terminal gives anyway: tmsh starts imish, and knows no env. */
export const bare = ([first = '', ...rest]: readonly string[]): readonly string[] =>
  first === 'env' ? rest.slice(rest.findIndex((word) => !/^\w+=/.test(word))) : [first, ...rest];

const ended = (code: number, stderr: string): Output => ({ code, stdout: '', stderr: `${stderr}\n` });

/** What a program prints that wants a terminal and no keys. What it ends with is not told; half of it is no answer. */
async function onTerminal(connection: Connection, argv: readonly string[], options: ExecOptions): Promise<Output> {
  const stream = await connection.open(argv);
  const over = new Promise<number>((resolve, reject) => {
    stream.once('end', () => resolve(0));
    stream.once('error', reject);
  });
  const running = { stdout: stream, stderr: Readable.from([]), ended: over, kill: () => stream.destroy() };
  const output = await collect(running, { host: connection.name, argv }, options);
  stream.destroy();
  return { ...output, stdout: output.stdout.replaceAll('\r', '') };
}
