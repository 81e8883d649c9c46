import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CpaasError } from '../core/errors.ts';

/**
 * Runs a program with our terminal and resolves with its exit code, as a shell counts it: 128 and the number of a signal. Rejects with
 * `HOST.COMMAND` where it cannot be started.
 */
export function handOver([program = '', ...words]: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: 'inherit' });
    child.on('error', (cause) =>
      reject(new CpaasError('HOST.COMMAND', `${program} cannot be run: ${cause.message}`, { cause })),
    );
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
