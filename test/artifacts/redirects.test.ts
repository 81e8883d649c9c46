import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openClient } from '../../src/artifacts/client.ts';
import { download } from '../../src/artifacts/download.ts';
import { type FileServer, fileServer, status } from '../helpers/file-server.ts';
import { type ProxyServer, proxyServer } from '../helpers/proxy-server.ts';

const PROGRAM = Buffer.from('#!/bin/sh\n');
/** No name server knows it: only the proxy does. */
const OUTSIDE = 'files.example.com';

let folder: string;
let server: FileServer;
let proxy: ProxyServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-redirects-'));
  server = await fileServer();
  server.files.set('/kubectl', PROGRAM);
  proxy = await proxyServer({ [OUTSIDE]: Number(new URL(server.url).port) });
});
afterEach(async () => {
  await Promise.all([server.close(), proxy.close()]);
  rmSync(folder, { recursive: true });
});

const redirectTo = (location: string) => server.manners.push(status(302, { location }));

/** Fetches a file, and says what came. */
async function fetched(url: string, env: NodeJS.ProcessEnv): Promise<Buffer> {
  const { signal } = new AbortController();
  const client = openClient({ env, signal, patience: 5000 });
  const path = join(folder, 'kubectl');
  const options = { client, signal, onProgress: () => {}, pause: async () => {} };
  try {
    await download({ name: 'kubectl', url, mirrored: true }, path, options);
  } finally {
    await client.close();
  }
  return readFileSync(path);
}

test('from a mirror in no_proxy to a host outside it goes through the proxy', async () => {
  redirectTo(`http://${OUTSIDE}/kubectl`);
  const env = { http_proxy: proxy.name, no_proxy: '127.0.0.1' };
  expect(await fetched(`${server.url}/old`, env)).toEqual(PROGRAM);
  expect(proxy.requests).toEqual([`GET http://${OUTSIDE}/kubectl`]);
  expect(server.requests).toEqual(['GET /old', 'GET /kubectl']);
});

test('from a site behind the proxy to a host in no_proxy it goes straight, also by a path alone', async () => {
  redirectTo('/older');
  redirectTo(`${server.url}/kubectl`);
  const env = { http_proxy: proxy.name, no_proxy: '127.0.0.1' };
  expect(await fetched(`http://${OUTSIDE}/old`, env)).toEqual(PROGRAM);
  expect(proxy.requests).toEqual([`GET http://${OUTSIDE}/old`, `GET http://${OUTSIDE}/older`]);
});

test('from http to https it is the proxy for https that is asked, and named where it is in the way', async () => {
  const tunnels = await proxyServer({});
  tunnels.refuses = 403;
  redirectTo(`https://${OUTSIDE}/kubectl?key=of-the-file`);
  const failure = fetched(`http://${OUTSIDE}/old`, { http_proxy: proxy.name, https_proxy: tunnels.name });
  await expect(failure).rejects.toMatchObject({
    code: 'ARTIFACT.PROXY',
    message: `kubectl cannot be fetched: the proxy ${tunnels.name} answers 403`,
    evidence: [
      { label: 'url', text: `http://${OUTSIDE}/old` },
      { label: 'led on to', text: `https://${OUTSIDE}/kubectl` },
    ],
  });
  expect(tunnels.requests).toEqual([`CONNECT ${OUTSIDE}:443`]);
  await tunnels.close();
});

test('a host that does not answer is named, not the mirror that leads there', async () => {
  const gone = await fileServer();
  await gone.close();
  for (let tries = 0; tries < 4; tries++) redirectTo(`${gone.url}/kubectl`);
  await expect(fetched(`${server.url}/old`, {})).rejects.toMatchObject({
    code: 'ARTIFACT.UNREACHABLE',
    message: `kubectl cannot be fetched: ${new URL(gone.url).host} does not answer`,
  });
});

test.each(['ftp://files.example.com/kubectl', 'http://', '/old'])('a redirect to %s ends', async (location) => {
  for (let hops = 0; hops < 100; hops++) redirectTo(location);
  await expect(fetched(`${server.url}/old`, {})).rejects.toMatchObject({
    code: 'ARTIFACT.UNREACHABLE',
    evidence: expect.arrayContaining([{ label: 'seen', text: 'its redirects lead nowhere' }]),
  });
});
