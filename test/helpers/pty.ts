import { spawn, spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { quoteAll } from '../../src/core/quote.ts';

/** Why no terminal can be had here, or nothing. */
export const noPty: string | undefined =
  spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0
    ? undefined
    : 'script (util-linux) is missing';

export interface Pty {
  /** Types keys. */
  type(keys: string): void;
  /** Resolves with all that was shown since the last `type` once it matches; rejects when the program ends before, or after 60 s. */
  shows(pattern: RegExp): Promise<string>;
  /** Everything that was shown, without what only moves the cursor. */
  shown(): string;
  /** The exit code. */
  readonly ended: Promise<number | null>;
  kill(): void;
}

/** A program on a terminal of its own, by way of util-linux' `script`. */
export function openPty(
  argv: readonly string[],
  {
    env = {},
    cwd,
    columns = 80,
  }: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string; readonly columns?: number } = {},
): Pty {
  const line = `stty cols ${columns} rows 40; exec ${quoteAll(argv)}`;
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm', LANG: 'C.UTF-8', ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let all = '';
  let since = 0;
  const text = (from: number): string => stripVTControlCharacters(all.slice(from)).replaceAll('\r', '');
  const heard = new Set<() => void>();
  const hear = (): void => {
    for (const each of heard) each();
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    all += chunk;
    hear();
  });
  // a program that is gone takes no more keys
  child.stdin.on('error', () => {});
  let over = false;
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      over = true;
      hear();
      resolve(code);
    }),
  );
  return {
    type: (keys) => {
      since = all.length;
      child.stdin.write(keys);
    },
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void): void => {
          clearTimeout(clock);
          heard.delete(look);
          act();
        };
        const fail = (why: string) => settle(() => reject(new Error(`${why} without ${pattern}:\n${text(since)}`)));
        const look = (): void => {
          if (pattern.test(text(since))) settle(() => resolve(text(since)));
          else if (over) fail('it ended');
        };
        const clock = setTimeout(() => fail('60 s went by'), 60_000);
        heard.add(look);
        look();
      }),
    shown: () => text(0),
    ended,
    kill: () => child.kill('SIGKILL'),
  };
}
