import { readFile } from 'node:fs/promises';
import type { Behaviour } from '../unit/behaviour.ts';
import type { Call } from './call.ts';

type Limits = Pick<Behaviour, 'dropAfterCommands' | 'stallAfterCommands' | 'dropAfterBytes'>;

/** Cuts an SSH connection after so many commands or bytes of it, or freezes it, as a flaky link or an impatient firewall would. */
export class Cut {
  readonly #limits: Limits;
  readonly #done = new Map<number, { readonly commands: number; readonly bytes: number }>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** To be told of every command that was carried out. */
  async commandDone(call: Call): Promise<void> {
    const { dropAfterCommands, stallAfterCommands } = this.#limits;
    if (!Number.isFinite(Math.min(dropAfterCommands, stallAfterCommands))) return;
    const { commands } = await this.#count(call, 1, 0);
    if (commands >= dropAfterCommands) await this.now(call);
    else if (commands >= stallAfterCommands) await signal(call, 'SIGSTOP');
  }

  /** How many bytes the call's connection still lets through. */
  async bytesLeft(call: Call): Promise<number> {
    const { dropAfterBytes } = this.#limits;
    if (!Number.isFinite(dropAfterBytes)) return dropAfterBytes;
    const { bytes } = await this.#count(call, 0, 0);
    return Math.max(0, dropAfterBytes - bytes);
  }

  /** To be told of what went out. Answers whether that was all that goes. */
  async bytesOut(call: Call, count: number): Promise<boolean> {
    const { dropAfterBytes } = this.#limits;
    if (!Number.isFinite(dropAfterBytes)) return false;
    const { bytes } = await this.#count(call, 0, count);
    return bytes >= dropAfterBytes;
  }

  /** Ends the call's connection. A call that no connection belongs to goes on. */
  async now(call: Call): Promise<void> {
    await signal(call, 'SIGKILL');
  }

  async #count(call: Call, commands: number, bytes: number) {
    const server = await sshServerOf(call.pid);
    const before = (server === undefined ? undefined : this.#done.get(server)) ?? { commands: 0, bytes: 0 };
    const after = { commands: before.commands + commands, bytes: before.bytes + bytes };
    if (server !== undefined) this.#done.set(server, after);
    return after;
  }
}

async function signal(call: Call, signal: NodeJS.Signals): Promise<void> {
  const server = await sshServerOf(call.pid);
  if (server !== undefined) process.kill(server, signal);
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
