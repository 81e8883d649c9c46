import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa, execaSync } from 'execa';
import { dump, load } from 'js-yaml';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../src/core/documents.ts';
import { sha256 } from '../helpers/fake-artifacts.ts';
import { type FileServer, fileServer } from '../helpers/file-server.ts';
import { type ProxyServer, proxyServer } from '../helpers/proxy-server.ts';

// Downloads of the built program through a real proxy from a real server of HTTPS, whose certificate a CA of the test has signed.

const PROGRAM = Buffer.from('#!/bin/sh\n# a kubectl of no consequence\n');
const KUBECTL = '/cpaas/dl.k8s.io/release/v1.35.99/bin/linux/amd64/kubectl';
/** No name server knows it: only the proxy does. */
const MIRROR = 'mirror.example.com:8443';
const PASSWORD = 'p@ss/word-7f3a';
const LOGIN = `ada:${encodeURIComponent(PASSWORD)}`;
const BIN = resolve('bin/cpaas.js');

let keys: string;
let folder: string;
let mirror: FileServer;
let proxy: ProxyServer;

beforeAll(() => {
  keys = mkdtempSync(join(tmpdir(), 'cpaas-ca-'));
  const openssl = (...words: readonly string[]) => execaSync('openssl', words, { cwd: keys });
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...fresh, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test CA', '-days', '2');
  openssl('req', ...fresh, '-keyout', 'tls.key', '-out', 'tls.csr', '-subj', '/CN=mirror.example.com');
  writeFileSync(join(keys, 'names'), 'subjectAltName=DNS:mirror.example.com,IP:127.0.0.1\n');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names', '-days', '2'];
  openssl('x509', '-req', '-in', 'tls.csr', ...signed, '-out', 'tls.pem');
});
afterAll(() => rmSync(keys, { recursive: true }));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-suite-'));
  mirror = await fileServer({ key: readFileSync(join(keys, 'tls.key')), cert: readFileSync(join(keys, 'tls.pem')) });
  mirror.files.set(KUBECTL, PROGRAM).set(`${KUBECTL}.sha256`, Buffer.from(sha256(PROGRAM)));
  proxy = await proxyServer({ [MIRROR]: Number(new URL(mirror.url).port) });
  writeFile(`https://${MIRROR}/cpaas`);
});
afterEach(async () => {
  await Promise.all([mirror.close(), proxy.close()]);
  rmSync(folder, { recursive: true });
});

function writeFile(from: string): void {
  const cluster = load(readFileSync('examples/k3d-bigip.yaml', 'utf8')) as { spec: Record<string, unknown> };
  cluster.spec['tools'] = { folder: join(folder, 'bin'), kubectl: 'v1.35.99' };
  cluster.spec['artifacts'] = { mirror: from };
  writeFileSync(join(folder, 'cpaas.yaml'), dump(cluster));
}

/** One run of the phase of tools. `said`: all that it left, on its outputs and in its state. */
async function tools(env: Readonly<Record<string, string>>, ...more: readonly string[]) {
  const words = ['up', '--only', 'Tools', '-y', '-f', join(folder, 'cpaas.yaml'), '--state-dir', join(folder, 'state')];
  const { exitCode, stdout, stderr } = await execa(process.execPath, [BIN, ...words, ...more, '-o', 'json'], {
    reject: false,
    stdin: 'ignore',
    env: {
      ...{ http_proxy: '', HTTP_PROXY: '', https_proxy: '', HTTPS_PROXY: '', no_proxy: '', NO_PROXY: '' },
      ...{
        NODE_EXTRA_CA_CERTS: join(keys, 'ca.pem'),
        XDG_CACHE_HOME: join(folder, 'cache'),
        BIGIP1_PASSWORD: 'x',
        ...env,
      },
    },
  });
  const kept = await execa('grep', ['-rhs', '', join(folder, 'state')], { reject: false });
  const document = JSON.parse(stdout) as RunDocument;
  return { ...document, code: exitCode, said: `${stdout}\n${stderr}\n${kept.stdout}` };
}
const failed = (code: string, message: RegExp) => ({
  outcome: 'failed',
  error: { code, message: expect.stringMatching(message) },
});
const advice = ({ error }: RunDocument): string => JSON.stringify(error?.next);
const expectInstalled = () => expect(readFileSync(join(folder, 'bin/kubectl'))).toEqual(PROGRAM);
afterEach(({ task }) => {
  if (/refuse|trust|not let|no URL|says nothing/.test(task.name)) expect(existsSync(join(folder, 'bin'))).toBe(false);
});

describe('from a mirror with HTTPS', () => {
  test('a proxy makes a tunnel, which the certificate of the mirror goes through', async () => {
    expect(await tools({ https_proxy: `http://${proxy.name}` })).toMatchObject({ code: 0, outcome: 'applied' });
    expect(proxy.requests[0]).toBe(`CONNECT ${MIRROR}`);
    expect(new Set(proxy.requests).size).toBe(1);
    expectInstalled();
  });

  test('a proxy that asks for a login gets it, and nothing that is printed or kept has the password', async () => {
    proxy.login = `ada:${PASSWORD}`;
    const run = await tools({ HTTPS_PROXY: `http://${LOGIN}@${proxy.name}` });
    expect(run).toMatchObject({ code: 0, outcome: 'applied' });
    expectInstalled();
    for (const form of [PASSWORD, encodeURIComponent(PASSWORD), Buffer.from(`ada:${PASSWORD}`).toString('base64')])
      expect(run.said).not.toContain(form);
  });

  test('a proxy that does not let anybody in without a login is named, and asked once', async () => {
    proxy.login = `ada:${PASSWORD}`;
    const run = await tools({ https_proxy: `http://ada:wrong-1b9c@${proxy.name}` });
    expect(run).toMatchObject(failed('ARTIFACT.PROXY', new RegExp(`the proxy ${proxy.name} answers 407`)));
    expect(advice(run)).toContain('https_proxy=http://USER:PASSWORD@');
    expect(proxy.requests).toHaveLength(1);
    expect(run.said).not.toContain('wrong-1b9c');
  });

  test('a proxy that refuses since it does not reach the mirror is asked again, and named', async () => {
    proxy.refuses = 502;
    const run = await tools({ https_proxy: `http://${proxy.name}` });
    expect(run).toMatchObject(failed('ARTIFACT.PROXY', /answers 502/));
    expect(advice(run)).toContain('no_proxy');
    expect(proxy.requests.length).toBeGreaterThan(1);
  });

  test('a proxy that does not let anybody connect is told from a mirror that does not', async () => {
    const { name } = proxy;
    await proxy.close();
    const run = await tools({ https_proxy: `http://${name}` });
    expect(run).toMatchObject(failed('ARTIFACT.PROXY', new RegExp(`the proxy ${name} does not answer`)));
    proxy = await proxyServer({});
  });

  test('a proxy that says nothing does not let anybody wait for ever', async () => {
    proxy.silent = true;
    const way = { label: 'by way of', text: `the proxy ${proxy.name}` };
    for (const [scheme, port] of [
      ['http', ''],
      ['https', ':8443'],
    ]) {
      writeFile(`${scheme}://mirror.example.com${port}/cpaas`);
      const run = await tools({ [`${scheme}_proxy`]: proxy.name }, '--timeout', '1');
      expect(run).toMatchObject(failed('ARTIFACT.UNREACHABLE', /does not answer/));
      expect(run.error?.evidence).toContainEqual(way);
    }
  });

  test.each([
    ['ftp', `ftp://${LOGIN}@`, 'is no URL', 'http://proxy.example.com:3128'],
    ['a bare % in its password', 'http://ada:100%word-7f3a@', 'has a %', '% is written %25'],
    ['a slash in its password', 'http://ada:8080/word-7f3a@', 'goes on after', '%2F'],
  ])('what is no URL of a proxy is refused by the name of its variable: %s', async (_, value, fault, way) => {
    const run = await tools({ https_proxy: `${value}${proxy.name}` });
    expect(run).toMatchObject(failed('ARTIFACT.PROXY', new RegExp(`: https_proxy ${fault}`)));
    expect(advice(run)).toContain(way);
    expect(run.said).not.toContain('word-7f3a');
    expect(run.said).not.toContain('ada:8080');
  });

  test('no_proxy goes round it, by a network that the address of the mirror is in', async () => {
    writeFile(`${mirror.url}/cpaas`);
    const run = await tools({ https_proxy: `http://${proxy.name}`, no_proxy: 'example.org, 127.0.0.0/8' });
    expect(run).toMatchObject({ code: 0, outcome: 'applied' });
    expect(proxy.requests).toEqual([]);
  });

  test.each([
    ['straight', false],
    ['through a proxy', true],
  ])('a certificate of a CA that nobody can trust here is told from a mirror that is away, %s', async (_, proxied) => {
    if (!proxied) writeFile(`${mirror.url}/cpaas`);
    const run = await tools({ NODE_EXTRA_CA_CERTS: '', ...(proxied ? { https_proxy: `http://${proxy.name}` } : {}) });
    expect(run).toMatchObject(
      failed('ARTIFACT.TLS', /certificate of (127\.0\.0\.1|mirror\.example\.com):\d+ is not one/),
    );
    expect(advice(run)).toContain('NODE_EXTRA_CA_CERTS=');
    expect(mirror.requests).toEqual([]);
  });

  test('a certificate for another name is nothing to trust either', async () => {
    writeFile('https://other.example.com:8443/cpaas');
    await proxy.close();
    proxy = await proxyServer({ 'other.example.com:8443': Number(new URL(mirror.url).port) });
    const run = await tools({ https_proxy: `http://${proxy.name}` });
    expect(run).toMatchObject(failed('ARTIFACT.TLS', /certificate of other\.example\.com:8443/));
    expect(advice(run)).toContain('another name');
  });
});

describe('from a mirror with HTTP', () => {
  test('a proxy that does not let anybody through to the mirror is named beside its answer', async () => {
    writeFile('http://mirror.example.com/cpaas');
    proxy.refuses = 403;
    const run = await tools({ http_proxy: proxy.name });
    expect(run).toMatchObject(failed('ARTIFACT.MISSING', /^mirror\.example\.com does not give out kubectl/));
    expect(run.error?.evidence).toContainEqual({ label: 'by way of', text: `the proxy ${proxy.name}` });
    expect(advice(run)).toContain('whoever runs it has to let mirror.example.com through');
  });

  test('a proxy that does not let anybody in without a login is named, too', async () => {
    writeFile('http://mirror.example.com/cpaas');
    proxy.login = `ada:${PASSWORD}`;
    const run = await tools({ http_proxy: proxy.name });
    expect(run).toMatchObject(failed('ARTIFACT.PROXY', /answers 407/));
    expect(proxy.requests).toHaveLength(1);
  });
});
