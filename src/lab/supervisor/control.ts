import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import pLimit from 'p-limit';
import type { Lab } from './lab.ts';
import type { Log } from './parts.ts';
import { type Reply, Request, toWire } from './wire.ts';

/** Listens on the control socket. Requests are carried out one after another; one whose asker has left is carried out all the same. */
export async function control(path: string, lab: Lab, log: Log): Promise<void> {
  const oneAtATime = pLimit(1);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    createInterface({ input: socket }).once('line', (line) => {
      oneAtATime(() => answer(socket, line, lab, log)).catch((error: unknown) => log(String(error)));
    });
  });
  // The lock is ours, so a socket that stands there is a dead supervisor's.
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

async function answer(socket: Socket, line: string, lab: Lab, log: Log): Promise<void> {
  const say = (reply: Reply) => socket.writable && socket.write(`${JSON.stringify(reply)}\n`);
  try {
    const { spec, marks } = Request.parse(JSON.parse(line));
    const state = await lab.apply(spec, marks, (progress) => {
      log(progress);
      say({ progress });
    });
    log('ready');
    say({ ready: state });
  } catch (error) {
    const wire = toWire(error);
    log(`${wire.code}: ${wire.message}`);
    for (const { label, text } of wire.evidence) log(`  ${label}  ${text}`);
    say({ error: wire });
  }
  socket.end();
}
