import { createConnection } from 'node:net';

/** What BIRD answered over its control socket. */
export interface BirdReply {
  /** `BIRD 2.0.12 ready.` */
  readonly banner: string;
  readonly lines: readonly string[];
  /** Code of the last line: 0 to 999 done, 8000 to 8999 refused, 9000 and more a syntax error. */
  readonly code: number;
}

const LAST_LINE = /^(\d{4}) (.*)$/;
const CONTINUED_LINE = /^(?:\d{4}-| |\+)(.*)$/;

/**
 * Says one command to a BIRD and reads its answer. Lines of the protocol begin with a code and `-`, the last one with a code and a
 * space, those that repeat the code with a space alone. Source: BIRD 2, `nest/cli.c`.
 * Rejects when the socket is not there or closes before the answer is whole.
 */
export function birdCommand(socketPath: string, command: string): Promise<BirdReply> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath);
    const lines: string[] = [];
    let banner: string | undefined;
    let rest = '';
    const take = (line: string) => {
      const last = LAST_LINE.exec(line);
      if (banner === undefined) {
        banner = last?.[2] ?? '';
        socket.write(`${command}\n`);
        return;
      }
      if (last === null) return void lines.push(CONTINUED_LINE.exec(line)?.[1] ?? line);
      const [, code, text = ''] = last;
      if (text !== '') lines.push(text);
      socket.end();
      resolve({ banner, lines, code: Number(code) });
    };
    socket.on('data', (chunk) => {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      parts.forEach(take);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`BIRD closed ${socketPath} before it answered`)));
  });
}
