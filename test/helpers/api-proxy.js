// Stands before the API server of a lab, in the namespace that it listens in: `api-proxy.js FOLDER PORT MODE-FILE`. How it answers is the
// word in the mode file: `500` and `409` (to whatever changes something), `slow`, `half` a document, or all as it is.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const [folder, port, modeFile] = process.argv.slice(2);
const status = (code, reason) =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: reason, reason, code });

const tls = { cert: readFileSync(`${folder}/api/server.crt`), key: readFileSync(`${folder}/api/server.key`) };
const server = createServer(tls, async (asked, answer) => {
  const mode = readFileSync(modeFile, 'utf8').trim();
  const refuse = (code, reason) => {
    asked.resume();
    answer.writeHead(code, { 'content-type': 'application/json' }).end(status(code, reason));
  };
  if (mode === '500') return refuse(500, 'InternalError');
  if (mode === '409' && asked.method !== 'GET') return refuse(409, 'Conflict');
  if (mode === 'slow') await pause(300);
  const { method, url: path, headers } = asked;
  const passed = request({
    socketPath: `${folder}/api.sock`,
    method,
    path,
    headers: { ...headers, 'accept-encoding': 'identity' },
  });
  asked.pipe(passed);
  passed.on('response', (response) => {
    if (mode !== 'half') {
      answer.writeHead(response.statusCode, response.headers);
      return response.pipe(answer);
    }
    const parts = [];
    response.on('data', (part) => parts.push(part));
    response.on('end', () => {
      const body = Buffer.concat(parts);
      answer.writeHead(response.statusCode, response.headers);
      answer.write(body.subarray(0, Math.floor(body.length / 2)), () => answer.destroy());
    });
  });
  passed.on('error', () => answer.destroy());
});
// kubectl exec
server.on('upgrade', ({ method, url, rawHeaders }, socket, head) => {
  const passed = connect(`${folder}/api.sock`);
  const headers = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
  passed.write(`${[`${method} ${url} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n`);
  passed.write(head);
  socket.pipe(passed).pipe(socket);
  for (const one of [socket, passed]) one.on('error', () => one.destroy());
});
server.listen(Number(port));
