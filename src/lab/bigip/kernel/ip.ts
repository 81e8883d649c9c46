import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a program of iproute2 in the unit's namespace, where its daemon lives. Rejects with what it said. */
export async function ip(...words: readonly string[]): Promise<string> {
  const { stdout } = await run('ip', [...words]);
  return stdout;
}

/** Feeds a program its input; rejects with what it said when it fails. */
export function feed(program: string, args: readonly string[], input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program}: ${said.trim()}`))));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
