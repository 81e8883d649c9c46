import { expect, test } from 'vitest';
import { parseCluster } from '../../src/config/load.ts';
import { CpaasError } from '../../src/core/errors.ts';
import { Facts } from '../../src/core/facts.ts';
import type { Phase } from '../../src/core/plan.ts';
import { blueprintOf } from '../../src/providers/index.ts';
import { fakeArtifacts, sha256 } from '../helpers/fake-artifacts.ts';
import { type FakeProgram, fakeContext, Power } from '../helpers/fake-host.ts';
import { FakeKube, type FakeObject } from '../helpers/fake-kube.ts';

const file = (existing: string, more = '') =>
  parseCluster(
    `apiVersion: cpaas.dev/v1alpha1
kind: Cluster
metadata: { name: test }
spec:
  provider: { existing: ${existing} }
  network: { nodes: 10.1.20.0/24, pods: 10.42.0.0/16, services: 10.43.0.0/16 }
  routers:
    - { name: bigip1, address: 10.1.20.11, bigip: { ssh: { host: 192.0.2.11 } } }
    - { name: bigip2, address: 10.1.20.12, bigip: { ssh: { host: 192.0.2.12 } } }
${more}`,
    'f',
  );

const node: FakeObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'node-1',
    labels: { 'kubernetes.io/hostname': 'node-1' },
    annotations: { 'projectcalico.org/IPv4Address': '10.1.20.20/24' },
  },
  spec: {},
};
const systemOf = (uid: string): FakeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'kube-system', uid },
});

/** A host whose kubectl finds this cluster by whatever kubeconfig. */
function context(uid: string, kubectl?: FakeProgram, nodes: readonly FakeObject[] = [node]) {
  const { programs } = new FakeKube(new Power(), { api: 'crd', objects: [...nodes, systemOf(uid)] });
  return fakeContext({ local: { name: 'here', programs: kubectl ? { ...programs, kubectl } : programs } });
}

function phaseOf(name: string, env: Record<string, string> = { KUBECONFIG: '/a' }): Phase {
  const { phases } = blueprintOf(file('{}'), { env, folder: '/state' }).plan;
  const found = phases.find((phase) => phase.name === name);
  if (!found) throw new Error(`there is no phase ${name}`);
  return found;
}

const ids = async (phase: Phase, uid: string) => (await phase.steps(new Facts(context(uid)))).map(({ id }) => id);

test("the cluster's objects are the same place by another kubeconfig, and another place in another cluster", async () => {
  const one = await ids(phaseOf('Calico', { KUBECONFIG: '/a' }), 'uid-1');
  expect(one.length).toBeGreaterThan(0);
  expect(await ids(phaseOf('Calico', { KUBECONFIG: '/b' }), 'uid-1')).toEqual(one);
  expect(await ids(phaseOf('Calico', { KUBECONFIG: '/a' }), 'uid-2')).not.toEqual(one);
});

test('a unit that refuses the login says so at its own step, and the steps of the other stand', async () => {
  const ctx = context('uid-1');
  const refused = new CpaasError('HOST.AUTH', 'bigip1 refuses the login');
  const identity = async (key: string) => {
    if (key.includes('192.0.2.11')) throw refused;
    return `identity of ${key}`;
  };
  const steps = await phaseOf('Routers').steps(new Facts({ ...ctx, identity }));
  const [first, ...others] = steps;
  expect(others.length).toBeGreaterThan(2);
  expect(others.every(({ host }) => host.includes('192.0.2.12'))).toBe(true);
  await expect(first?.read(ctx, new Set())).rejects.toBe(refused);
});

test('what is no foreseen failure of a unit is no state of it either', async () => {
  const identity = async () => {
    throw new TypeError('a bug');
  };
  await expect(phaseOf('Routers').steps(new Facts({ ...context('uid-1'), identity }))).rejects.toThrow(TypeError);
});

const [learned] = phaseOf('Routers').until;

test('an API server that refuses a poll is waited for', async () => {
  const refuses: FakeProgram = () => ({ code: 1, stderr: 'dial tcp 10.1.20.20:6443: connect: connection refused\n' });
  expect(await learned?.missing(new Facts(context('uid-1', refuses)))).toBe('the Kubernetes API does not answer here');
});

test('a node that Kubernetes has lost is not waited for, one that is not Ready is', async () => {
  const withReady = (name: string, status: string): FakeObject =>
    Object.assign({}, node, {
      metadata: { ...node.metadata, name },
      status: { conditions: [{ type: 'Ready', status }] },
    });
  const facts = new Facts(context('uid-1', undefined, [withReady('gone', 'Unknown'), withReady('late', 'False')]));
  expect(await learned?.leftOut?.(facts)).toEqual(['gone']);
});

test('a cluster whose Calico nobody knows to speak BGP is refused first of all', async () => {
  const [first] = await phaseOf('Calico').steps(new Facts(context('uid-1')));
  expect(first).toMatchObject({ kind: 'calico.preflight', place: { identity: 'uid-1' } });
});

test('an API server that says no ends the wait', async () => {
  const forbids: FakeProgram = () => ({ code: 1, stderr: 'Error from server (Forbidden): nodes is forbidden\n' });
  await expect(learned?.missing(new Facts(context('uid-1', forbids)))).rejects.toMatchObject({ code: 'KUBE.REFUSED' });
});

test('programs that the file names are put on this machine first, where the file wants them', async () => {
  const tools = '  tools: { folder: /opt/bin, kubectl: v1.35.8, k3d: 5.9.0 }\n';
  const [first] = blueprintOf(file('{}', tools), { env: { KUBECONFIG: '/a' }, folder: '/state' }).plan.phases;
  expect(first).toMatchObject({ name: 'Tools', preview: ['kubectl v1.35.8', 'k3d 5.9.0'] });
  const machines = { local: { name: 'here', programs: { uname: () => 'Linux x86_64' } } };
  const artifacts = fakeArtifacts({ 'kubectl 1.35.8 linux/amd64': 'kubectl', 'k3d 5.9.0 linux/amd64': 'k3d' });
  const [step] = (await first?.steps(new Facts(fakeContext(machines, { artifacts })))) ?? [];
  expect(step?.id).toBe('host.binaries:local/opt/bin');
  expect([...(step?.want ?? [])]).toEqual([
    ['/opt/', { folder: true }],
    ['/opt/bin/', { folder: true }],
    ['kubectl', { version: '1.35.8', sha256: sha256('kubectl') }],
    ['k3d', { version: '5.9.0', sha256: sha256('k3d') }],
  ]);
  expect(
    blueprintOf(file('{}'), { env: { KUBECONFIG: '/a' }, folder: '/state' }).plan.phases.map(({ name }) => name),
  ).not.toContain('Tools');
});
