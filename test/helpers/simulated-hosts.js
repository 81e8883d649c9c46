// Machines that are none: SSH servers on this computer's loopback that answer each command as a table of programs says, as far away
// as they are told to be.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';

/**
 * `answer(host, argv, stdin)` gives `{ stdout, stderr, code }`, or a promise of it. `distance`: milliseconds that each byte is on its
 * way, there and back together. Gives `{ ports, requests, identity, close, cut }`: `requests[host]` counts commands and scripts that came.
 */
export async function simulateHosts(count, answer, { distance = 0 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'cpaas-simulated-'));
  const keyOf = (name) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    return join(folder, name);
  };
  const identity = keyOf('id');
  const hostKeys = [readFileSync(keyOf('host'))];
  const requests = Array(count).fill(0);
  const servers = [];
  const sockets = new Set();
  for (let host = 0; host < count; host++) {
    const ssh = new ssh2.Server({ hostKeys }, (client) => {
      client.on('error', () => {});
      client.on('authentication', (attempt) =>
        attempt.method === 'publickey' ? attempt.accept() : attempt.reject(['publickey']),
      );
      client.on('session', (accept) =>
        accept().on('exec', (take, _, { command }) => {
          requests[host]++;
          serve(take(), command, (argv, stdin) => answer(host, argv, stdin));
        }),
      );
    });
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => {});
      ssh.injectSocket(distance > 0 ? far(socket, distance / 2) : socket);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
  }
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    ports: servers.map((server) => server.address().port),
    requests,
    identity,
    cut,
    close: async () => {
      cut();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
      rmSync(folder, { recursive: true });
    },
  };
}

/** The same socket with every chunk late, in both directions. */
function far(socket, delay) {
  const write = socket.write.bind(socket);
  socket.write = (chunk, ...rest) => {
    const bytes = Buffer.from(chunk);
    setTimeout(() => socket.destroyed || write(bytes), delay);
    const done = rest.find((each) => typeof each === 'function');
    if (done) process.nextTick(done);
    return true;
  };
  const emit = socket.emit.bind(socket);
  socket.emit = (event, ...values) => {
    if (event !== 'data') return emit(event, ...values);
    setTimeout(() => emit(event, ...values), delay);
    return true;
  };
  return socket;
}

/** A command, or a script of commands that draws a line under each: `src/transport/batch.ts`. */
function serve(stream, command, answer) {
  const chunks = [];
  let script = false;
  const end = async () => {
    const stdin = Buffer.concat(chunks).toString();
    const {
      stdout = '',
      stderr = '',
      code = 0,
    } = script ? await answerAll(stdin, answer) : await ended(answer(wordsOf(command), stdin));
    if (stream.destroyed) return;
    stream.write(stdout);
    stream.stderr.write(stderr);
    stream.exit(code);
    stream.end();
  };
  // sudo asks nobody here for a password
  script = /^(sudo -n -- )?sh -s$/.test(command);
  stream
    .on('data', (chunk) => chunks.push(chunk))
    .on('end', end)
    .on('error', () => {});
}

const ended = async (answer) => {
  const output = await answer;
  return typeof output === 'string'
    ? { stdout: output, stderr: '', code: 0 }
    : { stdout: '', stderr: '', code: 0, ...output };
};

const COMMAND = /^(.*) <\/dev\/null; printf '([0-9a-f]+) %d\\n' "\$\?"; printf '\2\\n' >&2$/;

async function answerAll(script, answer) {
  const whole = { stdout: '', stderr: '', code: 0 };
  for (const each of script.matchAll(new RegExp(COMMAND, 'gm'))) {
    const [, command = '', line = ''] = each;
    const { stdout, stderr, code } = await ended(answer(wordsOf(command), ''));
    whole.stdout += `${stdout}${line} ${code}\n`;
    whole.stderr += `${stderr}${line}\n`;
  }
  return whole;
}

/** Words as a shell takes them apart where nothing but single quotes and backslashes quotes. */
export function wordsOf(command) {
  const words = [];
  let word;
  for (const [part, quoted, escaped, space] of command.matchAll(/'([^']*)'|\\(.)|(\s+)|[^'\\\s]+/gs)) {
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = `${word ?? ''}${quoted ?? escaped ?? part}`;
  }
  return word === undefined ? words : [...words, word];
}
