import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Ended } from './cpaas.ts';

const SCRIPT = fileURLToPath(new URL('warm-program.js', import.meta.url));

/** One process of the built program that takes command lines, one at a time. */
export class WarmProgram {
  readonly #child: ChildProcess = fork(SCRIPT, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

  async run(argv: readonly string[]): Promise<Ended> {
    const over = new AbortController();
    const { signal } = over;
    this.#child.send(argv);
    try {
      const [said] = await Promise.race([
        once(this.#child, 'message', { signal }),
        once(this.#child, 'exit', { signal }).then(([code]) => [{ code, stdout: '', stderr: 'it has ended' }]),
      ]);
      return said as Ended;
    } finally {
      over.abort();
    }
  }

  stop(): void {
    this.#child.kill();
  }
}
