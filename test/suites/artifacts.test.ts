import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { dump, load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../src/core/documents.ts';
import { sha256 } from '../helpers/fake-artifacts.ts';
import { cutAfter, type FileServer, fileServer, firstByteOf } from '../helpers/file-server.ts';

const PROGRAM = Buffer.alloc(400_000, '#!/bin/sh\n# a kubectl of no consequence\n');
const KUBECTL = '/dl.k8s.io/release/v1.35.99/bin/linux/amd64/kubectl';
const MANIFEST = '/raw.githubusercontent.com/projectcalico/calico/v3.31.7/manifests/calico.yaml';
const BIN = resolve('bin/cpaas.js');

let folder: string;
let server: FileServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-suite-'));
  server = await fileServer();
  publish();
  writeFile(server.url);
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function publish(program: Buffer = PROGRAM): void {
  server.files.set(KUBECTL, program);
  server.files.set(`${KUBECTL}.sha256`, Buffer.from(`${sha256(program)}\n`));
}

/** The articles' cluster file, with a tool of a release that the catalog does not know; all of it from one mirror. */
function writeFile(mirror: string, tools: Readonly<Record<string, string>> = { kubectl: 'v1.35.99' }): void {
  const cluster = load(readFileSync('examples/k3d-bigip.yaml', 'utf8')) as { spec: Spec };
  cluster.spec.tools = { folder: join(folder, 'bin'), ...tools };
  cluster.spec.artifacts = { mirror };
  // no unit is spoken to here: nobody listens there
  for (const { bigip } of cluster.spec.routers) bigip.ssh = { host: '127.0.0.1', port: 1, user: 'root' };
  writeFileSync(join(folder, 'cpaas.yaml'), dump(cluster));
}

interface Spec {
  tools: object;
  artifacts: object;
  routers: { bigip: { ssh: object } }[];
}

interface Way {
  /** Words before the program: another network, another disk. */
  readonly within?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cache?: string;
  readonly state?: string;
}

async function cpaas(args: readonly string[], { within = [], env = {}, cache = 'cache', state = 'state' }: Way = {}) {
  const words = [...within, process.execPath, BIN, '-f', join(folder, 'cpaas.yaml'), '-o', 'json'];
  const [program = '', ...rest] = [...words, '--state-dir', join(folder, state), ...args];
  const { exitCode, stdout, stderr } = await execa(program, rest, {
    reject: false,
    stdin: 'ignore',
    env: { XDG_CACHE_HOME: join(folder, cache), BIGIP1_PASSWORD: 'x', no_proxy: '', NO_PROXY: '', ...env },
  });
  if (!stdout.startsWith('{')) throw new Error(`no document (exit ${exitCode}):\n${stdout}\n${stderr}`);
  return { code: exitCode, stderr, ...(JSON.parse(stdout) as RunDocument) };
}
const tools = (way: Way = {}, ...more: readonly string[]) => cpaas(['up', '--only', 'Tools', '-y', ...more], way);

/** A network namespace of its own, where not even loopback is up. */
const NO_NETWORK = ['unshare', '--net'];
const failed = (code: string) => ({ code: expect.any(Number), outcome: 'failed', error: { code } });
const installed = () => existsSync(join(folder, 'bin/kubectl'));
const expectUntouched = () => expect(existsSync(join(folder, 'bin'))).toBe(false);

describe('a run whose programs and manifests come from elsewhere', () => {
  test('installs what the mirror has, and asks for it once', async () => {
    expect(await tools()).toMatchObject({ code: 0, outcome: 'applied' });
    expect(readFileSync(join(folder, 'bin/kubectl'))).toEqual(PROGRAM);
    expect(server.requests).toEqual([`GET ${KUBECTL}.sha256`, `GET ${KUBECTL}`]);
    server.requests.length = 0;
    expect(await tools()).toMatchObject({ code: 0, outcome: 'unchanged' });
    expect(server.requests).toEqual([]);
  });

  test('is refused before its first change where the manifest of a later phase is not to be had', async () => {
    expect(await cpaas(['up', '-y'])).toMatchObject(failed('ARTIFACT.MISSING'));
    expect(server.requests.at(-1)).toBe(`GET ${MANIFEST}`);
    expectUntouched();
  });

  test('is refused where the mirror is gone', async () => {
    await server.close();
    expect(await cpaas(['up', '-y'])).toMatchObject(failed('ARTIFACT.UNREACHABLE'));
    expectUntouched();
    server = await fileServer();
  });

  test('is refused where the digest is wrong, and shows both', async () => {
    server.files.set(`${KUBECTL}.sha256`, Buffer.from(`${sha256('another')}\n`));
    const run = await tools();
    expect(run).toMatchObject(failed('ARTIFACT.DIGEST'));
    expect(JSON.stringify(run.error)).toContain(sha256('another'));
    expect(JSON.stringify(run.error)).toContain(sha256(PROGRAM));
    expectUntouched();
  });

  test('goes on where a download was cut off at 60 %', async () => {
    const dead = cutAfter(0);
    const behaved = (_: unknown, __: unknown, serve: () => void) => serve();
    server.manners.push(behaved, cutAfter(240_000), dead, dead, dead, dead);
    const run = await tools();
    expect(run).toMatchObject(failed('ARTIFACT.CUT'));
    expectUntouched();
    server.requests.length = 0;
    expect(await tools()).toMatchObject({ code: 0, outcome: 'applied' });
    expect(server.requests).toEqual([expect.stringMatching(/^GET .*\/kubectl bytes=\d+-$/)]);
    const kept = firstByteOf(server.requests[0]);
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(240_000);
    expect(run.error?.message).toMatch(`breaks off at ${Math.floor(kept / 4000)} %`);
    expect(readFileSync(join(folder, 'bin/kubectl'))).toEqual(PROGRAM);
  });

  test('does not wait for ever for a server that says nothing', async () => {
    server.manners.push(...Array.from({ length: 4 }, () => () => {}));
    expect(await tools({}, '--timeout', '1')).toMatchObject(failed('ARTIFACT.UNREACHABLE'));
    expectUntouched();
  });

  test('takes what comes slowly, as long as it comes', async () => {
    const behaved = (_: unknown, __: unknown, serve: () => void) => serve();
    server.manners.push(behaved, (_, response) => {
      response.writeHead(200, { 'content-length': PROGRAM.length });
      const send = (at: number): void => {
        response.write(PROGRAM.subarray(at, at + 100_000));
        if (at + 100_000 < PROGRAM.length) setTimeout(send, 600, at + 100_000);
        else response.end();
      };
      send(0);
    });
    expect(await tools({}, '--timeout', '1')).toMatchObject({ code: 0, outcome: 'applied' });
    expect(server.requests).toHaveLength(2);
  });

  test('goes through a proxy, and round it where that is said', async () => {
    writeFile('http://mirror.example.com/cpaas');
    for (const path of [KUBECTL, `${KUBECTL}.sha256`])
      server.files.set(`http://mirror.example.com/cpaas${path}`, server.files.get(path) ?? Buffer.alloc(0));
    expect(await tools({ env: { http_proxy: server.url } })).toMatchObject({ code: 0, outcome: 'applied' });
    expect(server.requests).toEqual(
      [KUBECTL.concat('.sha256'), KUBECTL].map((path) => `GET http://mirror.example.com/cpaas${path}`),
    );

    server.requests.length = 0;
    for (const path of ['bin', 'cpaas.lock']) rmSync(join(folder, path), { recursive: true });
    const around = { http_proxy: server.url, no_proxy: 'mirror.example.com' };
    const within = NO_NETWORK;
    const run = await tools({ env: around, within, cache: 'empty', state: 'other' });
    expect(run).toMatchObject(failed('ARTIFACT.UNREACHABLE'));
    expect(server.requests).toEqual([]);
  });

  test('is refused where the disk of the cache is full', async () => {
    const small = 'mount -t tmpfs -o size=128k tmpfs "$0" && exec "$@"';
    const within = ['unshare', '--mount', 'sh', '-c', small, join(folder, 'cache')];
    await execa('mkdir', [join(folder, 'cache')]);
    const run = await tools({ within });
    expect(run).toMatchObject(failed('ARTIFACT.DISK'));
    expectUntouched();
  });

  test('shares its cache with another one at the same time', async () => {
    const both = await Promise.all(['one', 'two'].map((state) => tools({ state })));
    const outcomes = both.map(({ outcome, error }) => error?.code ?? outcome);
    expect(
      outcomes.every((each) => each === 'applied' || each === 'unchanged'),
      `${outcomes}`,
    ).toBe(true);
    expect(installed()).toBe(true);
    expect(readdirSync(join(folder, 'cache/cpaas/partial'))).toEqual([]);
    expect(readdirSync(join(folder, 'cache/cpaas/sha256'))).toEqual([sha256(PROGRAM)]);
  });
});

describe('without a network', () => {
  test('a run with nothing in the cache is refused before its first change', async () => {
    expect(await cpaas(['up', '-y'], { within: NO_NETWORK })).toMatchObject(failed('ARTIFACT.UNREACHABLE'));
    expectUntouched();
  });

  const manifest = '../shared/data/calico/v3.31.7/calico.yaml';
  test.skipIf(!existsSync(manifest))('a bundle has all that is needed', async () => {
    server.files.set(MANIFEST, readFileSync(manifest));
    const bundle = join(folder, 'site1.tar');
    await cpaas(['bundle', 'create', bundle, '--platform', 'linux/amd64']);
    await server.close();
    const run = await tools({ within: NO_NETWORK, cache: 'empty' }, '--bundle', bundle);
    expect(run, run.stderr).toMatchObject({ code: 0, outcome: 'applied' });
    expect(readFileSync(join(folder, 'bin/kubectl'))).toEqual(PROGRAM);
    expect(readdirSync(join(folder, 'empty/cpaas/sha256'))).toHaveLength(2);
    server = await fileServer();
  });

  test.skipIf(!existsSync(manifest))('a bundle that was made for another file tells what it lacks', async () => {
    server.files.set(MANIFEST, readFileSync(manifest));
    const bundle = join(folder, 'site1.tar');
    writeFile(server.url, {});
    await cpaas(['bundle', 'create', bundle, '--platform', 'linux/amd64']);
    writeFile(server.url);
    const run = await tools({ within: NO_NETWORK }, '--bundle', bundle);
    expect(run).toMatchObject(failed('ARTIFACT.OFFLINE'));
    expect(run.error?.message).toMatch(/^(the digest of )?kubectl 1\.35\.99 for linux\/amd64 is not in the bundle/);
    expectUntouched();
  });
});
