// Serves the files of a folder, as a mirror does: web-server.js FOLDER ADDRESS PORT. Says "ready" when it listens.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';

const [folder = '.', address, port] = process.argv.slice(2);
createServer((request, response) => {
  const path = join(folder, normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname)));
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-length': found.size, 'last-modified': found.mtime.toUTCString() });
  createReadStream(path).pipe(response);
}).listen(Number(port), address, () => console.log('ready'));
