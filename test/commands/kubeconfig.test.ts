import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runCpaas } from '../helpers/run-cpaas.ts';

let folder: string;
let env: Record<string, string>;
const path = (name: string) => join(folder, name);
const write = (name: string, text: string, mode = 0o644) => writeFileSync(path(name), text, { mode });
const read = (name: string) => readFileSync(path(name), 'utf8');
const run = (line: string) => runCpaas(`-f ${path('cpaas.yaml')} --state-dir ${path('state')} ${line}`, env);
const kubectl = (...words: string[]) =>
  execFileSync('kubectl', words, { env: { ...process.env, ...env }, encoding: 'utf8' }).trim();

const ADMIN = `apiVersion: v1
kind: Config
current-context: kubernetes-admin@kubernetes
clusters:
- name: kubernetes
  cluster: { server: 'https://10.1.20.20:6443', certificate-authority: ca.crt }
contexts:
- name: kubernetes-admin@kubernetes
  context: { cluster: kubernetes, user: kubernetes-admin }
- name: another
  context: { cluster: kubernetes, user: somebody }
users:
- name: kubernetes-admin
  user: { token: sesame }
- name: somebody
  user: { token: nobody-else's }
`;
const MINE = `apiVersion: v1
kind: Config
# home
current-context: home
clusters:
- name: home
  cluster: {server: 'https://192.168.1.2:6443'}
contexts:
- name: home # sweet home
  context: {cluster: home, user: me}
users:
- name: me
  user: {token: mine}
`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-kubeconfig-'));
  env = { HOME: folder, PATH: process.env['PATH'] ?? '' };
  write('ca.crt', 'CA');
  write('admin.conf', ADMIN);
  write(
    'cpaas.yaml',
    `apiVersion: cpaas.dev/v1alpha1
kind: Cluster
metadata: { name: site1 }
spec:
  provider: { existing: { kubeconfig: '${path('admin.conf')}' } }
  network: { nodes: 10.1.20.0/24, pods: 10.42.0.0/16, services: 10.43.0.0/16 }
  routers: []
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the kubeconfig is printed whole, with the files it referred to, and of one context only', async () => {
  const { code, stdout } = await run('kubeconfig');
  expect(code).toBe(0);
  expect(parse(stdout)).toMatchObject({
    'current-context': 'site1',
    clusters: [
      { name: 'site1', cluster: { server: 'https://10.1.20.20:6443', 'certificate-authority-data': btoa('CA') } },
    ],
    contexts: [{ name: 'site1', context: { cluster: 'site1', user: 'site1' } }],
    users: [{ name: 'site1', user: { token: 'sesame' } }],
  });
  write('printed', stdout);
  expect(kubectl('--kubeconfig', path('printed'), 'config', 'view', '-o', 'jsonpath={.users[0].name}')).toBe('site1');
  const { stdout: json } = await run('kubeconfig -o json');
  expect(JSON.parse(json)).toMatchObject({ kind: 'Kubeconfig', cluster: 'site1', kubeconfig: stdout });
});

test('merged into ~/.kube/config it is a context of its own, kubectl reads it, and removed it leaves the file as it was', async () => {
  mkdirSync(path('.kube'));
  write('.kube/config', MINE);
  const { code, stdout } = await run('kubeconfig --merge');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('has the context site1.') });
  expect(statSync(path('.kube/config')).mode & 0o777).toBe(0o600);
  expect(readdirSync(path('.kube'))).toEqual(['config']);
  expect(kubectl('config', 'current-context')).toBe('home');
  expect(kubectl('config', 'get-contexts', '-o', 'name')).toBe('home\nsite1');
  expect(
    kubectl('config', 'view', '--context', 'site1', '--minify', '--raw', '-o', 'jsonpath={.users[0].user.token}'),
  ).toBe('sesame');

  const merged = read('.kube/config');
  expect((await run('kubeconfig --merge')).stdout).toContain('Nothing changed');
  expect(read('.kube/config')).toBe(merged);
  // the cluster's own file is gone by then
  rmSync(path('cpaas.yaml'));
  expect((await run('kubeconfig --remove --cluster site1 -o json')).stdout).toContain('"changed": true');
  expect(read('.kube/config')).toBe(MINE);
});

test('what kubectl has written anew since is still known as ours', async () => {
  mkdirSync(path('.kube'));
  write('.kube/config', MINE);
  await run('kubeconfig --merge');
  kubectl('config', 'use-context', 'site1');
  kubectl('config', 'set-context', 'site1', '--namespace', 'web');
  expect((await run('kubeconfig --merge')).code).toBe(0);
  expect((await run('kubeconfig --remove')).code).toBe(0);
  expect(kubectl('config', 'get-contexts', '-o', 'name')).toBe('home');
});

test('a file that is not there is made, 0600 in a folder 0700; a link stays a link', async () => {
  expect((await run('kubeconfig --merge')).code).toBe(0);
  expect(statSync(path('.kube')).mode & 0o777).toBe(0o700);
  expect(kubectl('config', 'current-context')).toBe('site1');
  write('dotfiles', MINE);
  symlinkSync('dotfiles', path('link'));
  expect((await run(`kubeconfig --merge ${path('link')}`)).code).toBe(0);
  expect(read('dotfiles')).toContain('site1');
});

test('an entry of somebody else, a lock that is held, a list of files and a file of another kind are refused and left', async () => {
  const foreign = MINE.replaceAll('home', 'site1');
  write('foreign', foreign);
  expect(await run(`kubeconfig --merge ${path('foreign')}`)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('KUBECONFIG.FOREIGN'),
  });
  expect(read('foreign')).toBe(foreign);
  write('mine', MINE);
  write('mine.lock', '');
  expect((await run(`kubeconfig --merge ${path('mine')}`)).stderr).toContain('KUBECONFIG.LOCKED');
  expect(read('mine')).toBe(MINE);
  expect((await run(`kubeconfig --merge ${path('ca.crt')}`)).stderr).toContain('KUBECONFIG.FILE');
  expect((await run(`kubeconfig --merge ${folder}`)).stderr).toContain('KUBECONFIG.FILE');
  env['KUBECONFIG'] = '/a:/b';
  expect((await run('kubeconfig --merge')).stderr).toContain('CONFIG.KUBECONFIG');
  expect((await run('kubeconfig --merge --remove')).stderr).toContain('USAGE.FLAGS');
});

test('a kubeconfig that leads nowhere is told without what stands in it', async () => {
  write('admin.conf', ADMIN.replace('cluster: kubernetes, user: kubernetes-admin', 'user: kubernetes-admin'));
  const { code, stderr } = await run('kubeconfig');
  expect(code).toBe(2);
  expect(stderr).toContain('KUBE.CONFIG');
  expect(stderr).not.toContain('sesame');
});
