import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { at, isFields } from '../objects/object.ts';
import { ApiError, badRequest, noSuchPath, statusObject, unauthorized } from '../objects/status.ts';
import type { Ran, RunInContainer } from '../program.ts';
import { objectRequest, type ServerOptions } from './server.ts';
import { acceptSpdy, type SpdyStream } from './spdy/connection.ts';

export interface ExecOptions extends Pick<ServerOptions, 'registry' | 'resources' | 'authorized'> {
  readonly runInContainer: RunInContainer;
}

/** Subprotocols of remote command, best first. Since version 4 the error stream carries a `Status`. */
const PROTOCOLS = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'];

/**
 * `pods/exec` over SPDY/3.1, which every kubectl speaks: those that try a WebSocket first, 1.30 and newer, fall back when it is
 * refused.
 */
export function upgradeListener(options: ExecOptions) {
  return (request: IncomingMessage, socket: Duplex): void => {
    socket.on('error', () => socket.destroy());
    try {
      serveExec(options, request, socket);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refuse(socket, error);
    }
  };
}

function serveExec(
  { registry, resources, authorized, runInContainer }: ExecOptions,
  request: IncomingMessage,
  socket: Duplex,
) {
  if (!authorized(request)) throw unauthorized();
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
  const asked = objectRequest(resources, pathname, query);
  if (asked?.subresource !== 'exec' || asked.name === undefined) throw noSuchPath();
  if (request.headers.upgrade?.toUpperCase() !== 'SPDY/3.1') throw badRequest('only SPDY/3.1 is spoken here');
  const pod = registry.get(asked.place, asked.name);
  const container = query.get('container') ?? String(at(pod, 'spec', 'containers', 0, 'name'));
  const containers = at(pod, 'spec', 'containers');
  if (!Array.isArray(containers) || !containers.some((item) => isFields(item) && item['name'] === container)) {
    throw badRequest(`container ${container} is not valid for pod ${asked.name}`);
  }
  const node = String(at(pod, 'spec', 'nodeName'));
  const isWanted = (name: string) => ['true', '1'].includes(query.get(name) ?? '');
  // With a terminal there is no stderr, but a stream for its size.
  const streams = ['stdin', 'stdout', isWanted('tty') ? 'tty' : 'stderr'].filter(isWanted).length + 1;
  const protocol = accept(request, socket);
  answer(socket, protocol, streams, () => runInContainer(node, container, query.getAll('command')));
}

/** Switches protocols. @returns the subprotocol */
function accept(request: IncomingMessage, socket: Duplex): string {
  const offered = String(request.headers['x-stream-protocol-version'] ?? 'channel.k8s.io').split(/,\s*/);
  const protocol = PROTOCOLS.find((known) => offered.includes(known)) ?? 'channel.k8s.io';
  const lines = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${protocol}`];
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
  return protocol;
}

/** Runs the program once the client opened all its streams, and hands over what it said. */
function answer(socket: Duplex, protocol: string, wanted: number, run: () => Promise<Ran>): void {
  const streams: SpdyStream[] = [];
  const connection = acceptSpdy(socket, (opened) => {
    streams.push(opened);
    if (streams.length === wanted) void run().then(finish);
  });
  const finish = ({ stdout, stderr, exitCode }: Ran) => {
    const said: Readonly<Record<string, string>> = { stdout, stderr, error: outcome(protocol, exitCode) };
    for (const stream of streams) {
      const text = said[stream.headers['streamtype'] ?? ''];
      if (text) connection.write(stream, text);
      connection.end(stream);
    }
  };
}

function outcome(protocol: string, exitCode: number): string {
  const message = `command terminated with non-zero exit code: exit status ${exitCode}`;
  if (protocol !== 'v4.channel.k8s.io') return exitCode === 0 ? '' : message;
  const causes = [{ reason: 'ExitCode', message: String(exitCode) }];
  return JSON.stringify(
    exitCode === 0
      ? { metadata: {}, status: 'Success' }
      : { metadata: {}, status: 'Failure', message, reason: 'NonZeroExitCode', details: { causes } },
  );
}

function refuse(socket: Duplex, { status }: ApiError): void {
  const body = JSON.stringify(statusObject(status));
  const head = `HTTP/1.1 ${status.code} ${status.reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
}
