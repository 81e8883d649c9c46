import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reading } from '../../src/core/reading.ts';
import { openHosts } from '../../src/transport/connect.ts';
import { createSecrets } from '../../src/transport/secrets.ts';

/** Takes connections and says nothing. */
let silent: Server;
let called: Promise<unknown>;

beforeEach(async () => {
  silent = createServer();
  called = new Promise((resolve) => silent.once('connection', resolve));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => silent.close(resolve)));

test('to close a connection that is being made nobody waits for a host that says nothing', {
  timeout: 30_000,
}, async () => {
  const { port } = silent.address() as { port: number };
  const hosts = openHosts(
    { unit: { name: 'unit', reach: { via: 'ssh', host: '127.0.0.1', port, user: 'root' } } },
    {
      secrets: createSecrets({ terminal: false }),
      emit: () => {},
      sshConfig: '/dev/null',
      acceptNew: true,
      connectTimeout: 600_000,
    },
  );
  const asked = hosts.host('unit').query(reading(['id', '-u']));
  asked.catch(() => {});
  await called;
  await hosts.closeAll();
  await expect(asked).rejects.toMatchObject({ code: 'HOST.UNREACHABLE' });
});
