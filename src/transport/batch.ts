import { randomBytes } from 'node:crypto';
import { CpaasError } from '../core/errors.ts';
import { lastWords } from '../core/last-words.ts';
import { quoteAll } from '../core/quote.ts';
import type { Connection, ExecOptions, Output } from '../core/transport.ts';

/** Several commands in one round trip: a script runs them one after another and draws a line under each. */
export async function execAll(
  connection: Connection,
  commands: readonly (readonly string[])[],
  options: Omit<ExecOptions, 'stdin'> = {},
): Promise<readonly Output[]> {
  if (connection.execAll) return connection.execAll(commands, options);
  if (commands.length <= 1) return Promise.all(commands.map((argv) => connection.exec(argv, options)));
  // Nothing that a command prints can be taken for the line.
  const line = randomBytes(16).toString('hex');
  const whole = await connection.exec(['sh', '-s'], { ...options, stdin: script(commands, line) });
  const stdout = [...whole.stdout.matchAll(new RegExp(`(.*?)${line} (\\d+)\\n`, 'gs'))];
  const stderr = whole.stderr.split(`${line}\n`);
  if (stdout.length !== commands.length || stderr.length !== commands.length + 1)
    throw new CpaasError('HOST.COMMAND', `${connection.name}: ${stdout.length} of ${commands.length} answers came`, {
      evidence: [{ label: 'last said', text: lastWords(whole.stderr) || `nothing; sh ended with ${whole.code}` }],
    });
  return stdout.map(([, said = '', code], at) => ({ stdout: said, stderr: stderr[at] ?? '', code: Number(code) }));
}

/** In braces, so that nothing runs unless all of it arrived. It comes over stdin, where its length has no limit. */
const script = (commands: readonly (readonly string[])[], line: string): string =>
  [
    '{',
    ...commands.map((argv) => `${quoteAll(argv)} </dev/null; printf '${line} %d\\n' "$?"; printf '${line}\\n' >&2`),
    '}',
    '',
  ].join('\n');
