import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What a daemon of FRR answered; 0 is done, 1 a warning or refusal, 2 not understood. */
export interface Answer {
  readonly code: number;
  readonly text: string;
}

/**
 * A conversation with one FRR daemon over its vty socket, as vtysh holds it: a command ends with NUL, an answer with three NULs and
 * the result. A command takes under a millisecond, where a vtysh takes thirty.
 */
export class Vty {
  readonly #socket: Socket;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open(path: string): Promise<Vty> {
    const socket = connect(path);
    await once(socket, 'connect');
    socket.on('error', () => {});
    const vty = new Vty(socket);
    await vty.ask('enable');
    return vty;
  }

  /** One command at a time; rejects when the daemon has gone. */
  ask(command: string): Promise<Answer> {
    const answer = this.#queue.then(() => this.#exchange(command));
    this.#queue = answer.catch(() => {});
    return answer;
  }

  #exchange(command: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const settle = (end: () => void) => {
        this.#socket.off('data', receive);
        this.#socket.off('close', lost);
        end();
      };
      const receive = (chunk: Buffer) => {
        chunks.push(chunk);
        const tail = Buffer.concat(chunks.slice(-4)).subarray(-4);
        if (tail.length < 4 || tail.readUIntBE(0, 3) !== 0) return;
        const all = Buffer.concat(chunks);
        settle(() => resolve({ code: tail[3] ?? 0, text: all.subarray(0, -4).toString() }));
      };
      const lost = () => settle(() => reject(new Error(`the daemon left during: ${command}`)));
      if (this.#socket.destroyed) return lost();
      this.#socket.on('data', receive);
      this.#socket.on('close', lost);
      this.#socket.write(`${command}\0`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}
