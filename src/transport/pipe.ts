import { connect } from 'node:net';
import { pathToFileURL } from 'node:url';

/**
 * `node pipe.js HOST PORT`: joins standard input and output to a TCP connection. As a ProxyCommand behind `ip netns exec NAMESPACE` it
 * leads into a network namespace, which node itself cannot enter. Ends with 1, and says why on stderr, when the connection fails.
 */
export function pipe(host: string, port: number): void {
  const socket = connect({ host, port, allowHalfOpen: true });
  const fail = (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  };
  socket.on('error', fail);
  process.stdout.on('error', () => socket.destroy());
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
  socket.on('close', () => process.stdin.destroy());
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , host = '', port = ''] = process.argv;
  if (/^\d+$/.test(port)) pipe(host, Number(port));
  else {
    process.stderr.write('usage: pipe.js HOST PORT\n');
    process.exitCode = 2;
  }
}
