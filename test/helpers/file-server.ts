import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** How a server treats one request. It may answer anything, or call `serve` to give out the file as it should. */
export type Manner = (request: IncomingMessage, response: ServerResponse, serve: () => void) => void;

export interface FileServer {
  /** `http://127.0.0.1:PORT`, or with https. */
  readonly url: string;
  /** Each request as `GET /path`, with its range where it asks for one. */
  readonly requests: string[];
  /** What it gives out, by path. */
  readonly files: Map<string, Buffer>;
  /** For the requests to come, one each; without one it behaves. */
  readonly manners: Manner[];
  /** False: it gives out files whole, whatever is asked. */
  ranges: boolean;
  /** False: it does not say what tells one file from another. */
  etags: boolean;
  close(): Promise<void>;
}

/** A real HTTP server on loopback that gives out files as mirrors do: ranges, `If-Range`, entity tags. With a certificate it is one of HTTPS. */
export async function fileServer(tls?: { readonly key: Buffer; readonly cert: Buffer }): Promise<FileServer> {
  const listener: RequestListener = (request, response) => {
    const { url = '/', headers } = request;
    state.requests.push(`GET ${url}${headers.range ? ` ${headers.range}` : ''}`);
    const serve = () => giveOut(request, response, state);
    const manner = state.manners.shift();
    if (manner) manner(request, response, serve);
    else serve();
  };
  const server: Server = tls ? createSecureServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: FileServer = {
    url: `http${tls ? 's' : ''}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    files: new Map(),
    manners: [],
    ranges: true,
    etags: true,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return state;
}

function giveOut(request: IncomingMessage, response: ServerResponse, { files, ranges, etags }: FileServer): void {
  const file = files.get(request.url ?? '/');
  if (!file) {
    response.writeHead(404).end('not found');
    return;
  }
  const etag = `"${createHash('sha256').update(file).digest('hex').slice(0, 16)}"`;
  const tag = etags ? { etag } : {};
  const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN);
  const condition = request.headers['if-range'];
  if (!ranges || Number.isNaN(first) || (condition !== undefined && condition !== etag)) {
    response.writeHead(200, { 'content-length': file.length, ...tag }).end(file);
    return;
  }
  if (first >= file.length) {
    response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
    return;
  }
  const rest = file.subarray(first);
  const range = `bytes ${first}-${file.length - 1}/${file.length}`;
  response.writeHead(206, { 'content-length': rest.length, 'content-range': range, ...tag }).end(rest);
}

/** Answers with a status and nothing else. */
export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Manner =>
  (_, response) => {
    response.writeHead(code, headers).end();
  };

/** Ends the connection after exactly so many bytes of the answer's body. Whoever reads them slowly may lose the last of them, as with a real cut. */
export const cutAfter =
  (bytes: number): Manner =>
  (_, response, serve) => {
    const end = response.end.bind(response);
    response.end = ((file?: Buffer) => {
      if (!Buffer.isBuffer(file)) return end();
      response.flushHeaders();
      response.write(file.subarray(0, bytes), () => response.socket?.end());
      return response;
    }) as ServerResponse['end'];
    serve();
  };

/** The byte from which a request asks for the rest of a file; NaN where it asks for all of it. */
export const firstByteOf = (request: string | undefined): number => Number(/ bytes=(\d+)-$/.exec(request ?? '')?.[1]);
