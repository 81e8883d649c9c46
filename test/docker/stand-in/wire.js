import { createInterface } from 'node:readline';

/** Where a server listens for its nodes, and a node for whoever speaks to its BIRD. */
export const PORTS = { nodes: 9345, bird: 9346 };

/** Messages over a socket, one JSON document a line; `ask` waits for the answer to its own. */
export function messages(socket, onMessage) {
  const waiting = new Map();
  let last = 0;
  const send = (message) => socket.write(`${JSON.stringify(message)}\n`);
  createInterface({ input: socket }).on('line', (line) => {
    const message = JSON.parse(line);
    const waits = waiting.get(message.answers);
    if (!waits) return void onMessage(message);
    waiting.delete(message.answers);
    if (message.error) waits.reject(new Error(message.error));
    else waits.resolve(message);
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the node went away'));
  });
  const ask = (message) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      send({ ...message, id });
    });
  return { send, ask };
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
