import { readFile } from 'node:fs/promises';
import type { Behaviour } from '../unit/behaviour.ts';
import type { Call } from './call.ts';

/** Cuts an SSH connection after so many commands or bytes of it, as a flaky link or an impatient firewall would. */
export class Cut {
  readonly #commands: number;
  readonly #bytes: number;
  readonly #done = new Map<number, { readonly commands: number; readonly bytes: number }>();

  constructor({ dropAfterCommands, dropAfterBytes }: Pick<Behaviour, 'dropAfterCommands' | 'dropAfterBytes'>) {
    this.#commands = dropAfterCommands;
    this.#bytes = dropAfterBytes;
  }

  /** To be told of every command that was carried out. */
  async commandDone(call: Call): Promise<void> {
    if (!Number.isFinite(this.#commands)) return;
    const { commands } = await this.#count(call, 1, 0);
    if (commands >= this.#commands) await this.now(call);
  }

  /** How many bytes the call's connection still lets through. */
  async bytesLeft(call: Call): Promise<number> {
    if (!Number.isFinite(this.#bytes)) return this.#bytes;
    const { bytes } = await this.#count(call, 0, 0);
    return Math.max(0, this.#bytes - bytes);
  }

  /** To be told of what went out. Answers whether that was all that goes. */
  async bytesOut(call: Call, count: number): Promise<boolean> {
    if (!Number.isFinite(this.#bytes)) return false;
    const { bytes } = await this.#count(call, 0, count);
    return bytes >= this.#bytes;
  }

  /** Ends the call's connection. A call that no connection belongs to goes on. */
  async now(call: Call): Promise<void> {
    const server = await sshServerOf(call.pid);
    if (server !== undefined) process.kill(server, 'SIGKILL');
  }

  async #count(call: Call, commands: number, bytes: number) {
    const server = await sshServerOf(call.pid);
    const before = (server === undefined ? undefined : this.#done.get(server)) ?? { commands: 0, bytes: 0 };
    const after = { commands: before.commands + commands, bytes: before.bytes + bytes };
    if (server !== undefined) this.#done.set(server, after);
    return after;
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
