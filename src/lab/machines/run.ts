import { spawn } from 'node:child_process';
import pLimit from 'p-limit';
import { CpaasError, type ErrorCode } from '../../core/errors.ts';

/** Where the programs of root are, for users whose PATH does not say so. */
export const ROOT_PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`;

/**
 * Runs a program and gives what it printed. Rejects with `LAB.FAILED`, or with `LAB.KERNEL` where its words say that this kernel
 * or this user cannot do it. (A bare `spawn`: a lab of a hundred nodes takes some five hundred of these.)
 */
export async function run(argv: readonly string[], stdin = ''): Promise<string> {
  const { code, stdout, stderr } = await tryRun(argv, stdin);
  if (code === 0) return stdout;
  const said = stderr.trim() || stdout.trim() || `exit code ${code}`;
  throw new CpaasError(failure(said), `${argv.join(' ')} failed`, {
    evidence: [{ label: 'answer', text: said }, ...(stdin ? [{ label: 'line', text: failedLine(said, stdin) }] : [])],
    next: failure(said) === 'LAB.KERNEL' ? [{ label: 'run the lab where root may make network namespaces' }] : [],
  });
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The same for programs that may fail. */
export const tryRun = (argv: readonly string[], stdin = ''): Promise<Ran> => programs(() => start(argv, stdin));

/** More at once would only wait for each other in the kernel. */
const programs = pLimit(8);

function start([program = '', ...args]: readonly string[], stdin: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: '/', env: { ...process.env, PATH: ROOT_PATH, LC_ALL: 'C' } });
    const out = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      out.stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ ...out, code: code ?? 128, stderr: out.stderr || (signal ?? '') }));
    // A program that ends before it has read everything says so by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
  });
}

/** `ip -batch` inside a namespace, or in the machine's own. Stops at the first line that fails. */
export async function ipBatch(namespace: string | undefined, lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await run(['ip', ...inside(namespace), '-batch', '-'], `${lines.join('\n')}\n`);
}

const inside = (namespace: string | undefined) => (namespace === undefined ? [] : ['-n', namespace]);

const CANNOT = /not supported|Unknown device type|Operation not permitted|Protocol not supported|can't initialize/i;
const failure = (said: string): ErrorCode => (CANNOT.test(said) ? 'LAB.KERNEL' : 'LAB.FAILED');

/** `ip` names the line of a batch that failed by its number. */
function failedLine(said: string, stdin: string): string {
  const at = Number(/(?:Command failed -:|line )(\d+)/.exec(said)?.[1] ?? 1);
  return stdin.split('\n')[at - 1] ?? '';
}
