import { createServer, type IncomingMessage, request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ProxyServer {
  /** Host and port. */
  readonly name: string;
  /** What it was asked: `CONNECT mirror.example.com:8443`, `GET http://…`. */
  readonly requests: string[];
  /** Who may use it, as `user:password`; everybody when left out. */
  login?: string;
  /** What it answers instead of doing what it is asked. */
  refuses?: number;
  /** Whether it answers nothing at all. */
  silent?: boolean;
  close(): Promise<void>;
}

/** A real forward proxy on loopback: it tunnels, and asks in somebody's place. `ports`: where the hosts are that it can reach, by name and port. */
export async function proxyServer(ports: Readonly<Record<string, number>>): Promise<ProxyServer> {
  const refusal = ({ headers }: IncomingMessage): number | undefined => {
    const told = Buffer.from((headers['proxy-authorization'] ?? '').replace(/^Basic /, ''), 'base64').toString();
    return state.refuses ?? (state.login !== undefined && told !== state.login ? 407 : undefined);
  };
  /** Tunnels that wait for an answer: no longer the server's own. */
  const held = new Set<Duplex>();
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    state.requests.push(`${method} ${url}`);
    if (state.silent) return undefined;
    const port = ports[new URL(url).host];
    const status = refusal(request) ?? (port === undefined ? 502 : undefined);
    if (status !== undefined) return response.writeHead(status).end();
    const { pathname } = new URL(url);
    return send({ host: '127.0.0.1', port, path: pathname, method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    }).end();
  });
  server.on('connect', (request, socket, head) => {
    state.requests.push(`CONNECT ${request.url}`);
    if (state.silent) return held.add(socket);
    const port = ports[request.url ?? ''];
    const status = refusal(request) ?? (port === undefined ? 502 : undefined);
    socket.on('error', () => socket.destroy());
    if (status !== undefined || port === undefined)
      return socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    const remote = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      remote.write(head);
      remote.pipe(socket).pipe(remote);
    });
    return remote.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: ProxyServer = {
    name: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of held) socket.destroy();
      }),
  };
  return state;
}
