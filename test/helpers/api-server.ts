import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { dump, loadAll } from 'js-yaml';
import { vi } from 'vitest';
import type { Writer } from '../../src/core/context.ts';
import type { Connection } from '../../src/core/transport.ts';
import type { KubeAccess } from '../../src/kube/access.ts';
import { asHost } from '../../src/transport/host.ts';
import { local } from '../../src/transport/local.ts';
import { fakeArtifacts } from './fake-artifacts.ts';

const PROGRAMS = join(process.env['CPAAS_KUBEADM'] ?? join(homedir(), '.cache/cpaas-kubeadm'), 'bin');
const CRDS = '../shared/data/calico/v3.31.7/crds.yaml';
/** Calico's client of a lab writes to any API server. */
const CALICOCTL = resolve('dist/lab/calico/calicoctl/main.js');

/** Why there can be no real API server here; nothing where there can. */
export const noApiServer: string | undefined = [
  [join(PROGRAMS, 'kube-apiserver'), 'Kubernetes is not built here: scripts/test-kubeadm'],
  [CRDS, "Calico's published definitions are not beside the project"],
  [CALICOCTL, 'cpaas is not built: npm run build'],
].find(([path = '']) => !existsSync(path))?.[1];

/** A real API server with its etcd on the loopback, and Calico's published definitions; no controllers, no nodes. */
export interface ApiServer {
  readonly ctx: Writer;
  readonly kube: KubeAccess;
  /** The same for a user whom nobody has granted anything, and for one whom the API server does not know. */
  readonly without: { readonly rights: KubeAccess; readonly login: KubeAccess };
  kubectl(words: readonly string[], input?: string): Promise<string>;
  create(...objects: readonly object[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * `v3`: with Calico's kinds as definitions of projectcalico.org/v3, as its native v3 CRDs are; else as its manifest has them. Tries once
 * more where a program ends by itself: its port was free a moment ago, and another suite may have taken it since.
 */
export async function startApiServer(api: 'crd' | 'v3'): Promise<ApiServer> {
  return begin(api).catch((error: unknown) => {
    if (!(error instanceof EndedError)) throw error;
    return begin(api);
  });
}

class EndedError extends Error {}

async function begin(api: 'crd' | 'v3'): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'cpaas-api-server-'));
  const path = (name: string) => join(folder, name);
  const [client, peer, port] = await Promise.all([freePort(), freePort(), freePort()]);
  const [etcd, own] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  writeFileSync(path('tokens.csv'), 'right,admin,1,system:masters\nweak,nobody,2\n');
  await execa('openssl', ['genrsa', '-out', path('accounts.key'), '2048']);
  const children = [
    start(folder, 'etcd', [
      ...[`--data-dir=${path('etcd')}`, '--unsafe-no-fsync', `--initial-cluster=default=${own}`],
      ...[`--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`],
      ...[`--listen-peer-urls=${own}`, `--initial-advertise-peer-urls=${own}`],
    ]),
    start(folder, 'kube-apiserver', [
      ...[`--etcd-servers=${etcd}`, `--secure-port=${port}`, '--bind-address=127.0.0.1', `--cert-dir=${folder}`],
      ...[`--service-account-key-file=${path('accounts.key')}`, '--service-account-issuer=https://cluster'],
      ...[`--service-account-signing-key-file=${path('accounts.key')}`, '--service-cluster-ip-range=10.43.0.0/16'],
      ...[`--token-auth-file=${path('tokens.csv')}`, '--authorization-mode=RBAC', '--endpoint-reconciler-type=none'],
      '--disable-admission-plugins=ServiceAccount',
    ]),
  ];
  const close = async () => {
    await Promise.all(children.map((child) => child.stop()));
    rmSync(folder, { recursive: true });
  };
  const access = (token: string): KubeAccess => ({ host: 'here', kubeconfig: path(`kubeconfig-${token}`) });
  const kubectl = async (words: readonly string[], input = ''): Promise<string> =>
    (await execa('kubectl', ['--kubeconfig', access('right').kubeconfig, ...words], { input })).stdout;
  const create = async (...objects: readonly object[]): Promise<void> =>
    void (await kubectl(['create', '--validate=false', '-f', '-'], objects.map((each) => dump(each)).join('---\n')));
  try {
    await vi.waitFor(
      async () => {
        if (children.some(({ end }) => end() !== undefined)) return;
        const authority = readFileSync(path('apiserver.crt')).toString('base64');
        for (const token of ['right', 'weak', 'unknown'])
          writeFileSync(access(token).kubeconfig, kubeconfig(port, authority, token));
        await kubectl(['get', '--raw', '/readyz']);
        await kubectl(['get', 'namespaces', 'kube-system']);
      },
      { timeout: 120_000, interval: 200 },
    );
    const [end] = children.flatMap((child) => child.end() ?? []);
    if (end !== undefined) throw new EndedError(end);
    await create(...definitions(api));
    await kubectl(['wait', '--for=condition=Established', 'customresourcedefinitions', '--all', '--timeout=60s']);
  } catch (error) {
    const logs = children.map(({ program, tail }) => `--- ${program}.log\n${tail()}`);
    await close();
    const Kind = error instanceof EndedError ? EndedError : Error;
    throw new Kind([error instanceof Error ? error.message : `${error}`, ...logs].join('\n'), { cause: error });
  }
  writeFileSync(
    path('calicoctl'),
    `#!/bin/sh\nCALICOCTL_VERSION=v3.31.7 exec '${process.execPath}' '${CALICOCTL}' "$@"\n`,
    { mode: 0o755 },
  );
  return {
    ctx: contextOf(folder),
    kube: access('right'),
    without: { rights: access('weak'), login: access('unknown') },
    ...{ kubectl, create, close },
  };
}

/** How many lines of a log are told. */
const TAIL = 15;

/** Its output goes into the folder: nobody reads it unless something fails. */
function start(folder: string, program: string, args: readonly string[]) {
  const path = join(folder, `${program}.log`);
  const log = openSync(path, 'a');
  const child = spawn(join(PROGRAMS, program), args, { stdio: ['ignore', log, log] });
  closeSync(log);
  let end: string | undefined;
  const ended = new Promise<void>((done) => {
    child.once('error', (error) => {
      end = `${program} cannot be started: ${error.message}`;
      done();
    });
    child.once('exit', (code, signal) => {
      end = `${program} ended by itself: ${signal ?? code}`;
      done();
    });
  });
  return {
    program,
    /** How it ended, once it has. */
    end: () => end,
    tail: () => readFileSync(path, 'utf8').trim().split('\n').slice(-TAIL).join('\n'),
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

const kubeconfig = (port: number, authority: string, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'real', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': authority } },
    ],
    users: [{ name: 'me', user: { token } }],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'me' } }],
    'current-context': 'real',
  });

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly group: string; readonly versions: readonly object[] };
}

function definitions(api: 'crd' | 'v3'): readonly object[] {
  const published = (loadAll(readFileSync(CRDS, 'utf8')) as (Definition | null)[]).flatMap((each) =>
    each?.spec.group === 'crd.projectcalico.org' ? [each] : [],
  );
  if (api === 'crd') return published;
  return published.map(({ metadata, spec, ...definition }) => ({
    ...definition,
    metadata: { ...metadata, name: metadata.name.replace('.crd.', '.') },
    spec: {
      ...spec,
      group: 'projectcalico.org',
      versions: spec.versions.map((version) => ({ ...version, name: 'v3' })),
    },
  }));
}

/** This machine, with the programs of the folder first. */
function contextOf(folder: string): Writer {
  const machine = local('here');
  const settings = ['env', `HOME=${folder}`, `PATH=${folder}:${process.env['PATH']}`];
  const connection: Connection = { ...machine, exec: (argv, options) => machine.exec([...settings, ...argv], options) };
  const here = asHost(connection);
  return {
    host: () => here,
    identity: async (key) => key,
    secret: async () => 'only for tests',
    progress: () => {},
    artifacts: fakeArtifacts(),
    isGoing: () => false,
    signal: new AbortController().signal,
  };
}
