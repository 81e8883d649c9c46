import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT_PATH } from '../machines/run.ts';

/** Takes a lock as flock(1) does; nothing when somebody holds it. It is ours until the answer is called, or until we die. */
export async function tryLock(path: string): Promise<(() => void) | undefined> {
  const holder = spawn('flock', ['--nonblock', path, 'sh', '-c', 'echo; cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, PATH: ROOT_PATH },
  });
  const taken = Promise.race([once(holder.stdout, 'data').then(() => true), once(holder, 'exit').then(() => false)]);
  return (await taken) ? () => void holder.stdin.end() : undefined;
}
