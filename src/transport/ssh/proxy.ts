import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { lastWords } from '../../core/last-words.ts';
import { dialogue } from '../dialogue.ts';

/**
 * The standard input and output of a ProxyCommand, as the stream that SSH speaks over. When the program ends with a failure, the stream
 * does too, with what it said last: `connect ECONNREFUSED 10.10.2.20:22`.
 */
export function throughCommand([program = '', ...args]: readonly string[]): Duplex {
  // A group of its own, so that Ctrl-C on the terminal does not cut the connection.
  const child = spawn(program, args, { stdio: 'pipe', detached: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`the proxy command cannot be started: ${error.message}`)));
    // At `close`, not at `exit`, its last words are complete.
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(new Error(`the proxy command ended with ${code ?? signal}: ${lastWords(said, 2) || 'it said nothing'}`));
    });
  });
  return dialogue({ stdin: child.stdin, stdout: child.stdout, ended, kill: () => child.kill() });
}
