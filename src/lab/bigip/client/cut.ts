import { readFile } from 'node:fs/promises';
import type { Call } from './call.ts';

/** Counts the commands of each SSH connection and cuts it after so many, as a flaky link or an impatient firewall would. */
export class Cut {
  readonly #limit: number;
  readonly #counts = new Map<number, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** To be told of every command that was carried out. */
  async commandDone(call: Call): Promise<void> {
    if (!Number.isFinite(this.#limit)) return;
    const server = await sshServerOf(call.pid);
    if (server === undefined) return;
    const count = (this.#counts.get(server) ?? 0) + 1;
    this.#counts.set(server, count);
    if (count >= this.#limit) process.kill(server, 'SIGKILL');
  }
}

/** The sshd that serves the connection a process belongs to. */
async function sshServerOf(pid: number): Promise<number | undefined> {
  for (let each = pid; each > 1; ) {
    const stat = await readFile(`/proc/${each}/stat`, 'utf8').catch(() => undefined);
    const found = stat === undefined ? null : /^\d+ \((.*)\) \S (\d+)/s.exec(stat);
    if (found === null) return undefined;
    if (found[1]?.startsWith('sshd')) return each;
    each = Number(found[2]);
  }
  return undefined;
}
