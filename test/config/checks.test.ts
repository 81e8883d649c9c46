import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Check, Draft } from '../../src/config/checks/check.ts';
import { CHECKS } from '../../src/config/checks.ts';
import { withNetworks } from '../../src/config/defaults.ts';
import { ClusterFile } from '../../src/config/schema.ts';
import { salvage } from '../../src/config/shape.ts';

const draft = (data: unknown): Draft => withNetworks(salvage(ClusterFile, data) ?? {});
const spec = (text: string): Draft => draft({ metadata: { name: 'test' }, spec: parse(`{ ${text} }`) });

/** Files that only the checks can object to; the rest of what they say is in `fixtures/clusters/bad`. */
const DOUBTFUL = [
  'provider: { lab: { topology: flat, vm: 10.1.20.9 } }, routes: { persist: boot }, bgp: { asNumber: 65535, nodeToNodeMesh: false }',
  'provider: { k3d: { servers: 2 } }, network: { nodes: 172.16.0.0/12 }, calico: { encapsulation: VXLAN }',
  'provider: { lab: {} }, routers: [{ name: a, address: 10.10.2.20, peers: [b] }, { name: b, address: 10.10.2.21 }]',
  'provider: { lab: { switches: { routers: { bigpi1: {} } } } }, routers: [{ name: bigip1, address: 10.10.2.20 }]',
  'provider: { lab: {} }, artifacts: { mirror: "http://mirror.example" }, tools: { helm: 3.18.4 }',
  'provider: { kubeadm: { version: v1.36.4 } }, calico: { version: v3.31.7 }, tools: { kubectl: 1.30.0, calicoctl: v3.32.1 }',
  'provider: { lab: {} }, routers: [{ name: a, address: 10.10.2.20, peers: [b], session: { password: { env: A }, multihop: 3 } }, { name: b, address: 10.10.2.21 }]',
  'provider: { k3d: {} }, host: { repositories: { docker: "https://mirror.example/docker" } }',
].map(spec);

const folder = new URL('../fixtures/clusters/bad/', import.meta.url);
const READABLE = readdirSync(folder).filter((name) => !/tabs|unclosed|alias|two-documents|duplicate/.test(name));
const BAD = READABLE.map((name) => draft(parse(readFileSync(new URL(name, folder), 'utf8'))));

const named: readonly (readonly [string, Check])[] = CHECKS.map((check) => [check.name, check]);

test.each(named)('%s finds something in a file that was made for it', (_, check) => {
  expect([...DOUBTFUL, ...BAD].flatMap((cluster) => [...check(cluster)])).not.toEqual([]);
});

test.each(named)('%s says nothing about what is not known', (_, check) => {
  expect([...check({})]).toEqual([]);
});

test('a switch for a router that does not exist is told with the name that was meant', () => {
  const findings = CHECKS.flatMap((check) => [...check(DOUBTFUL[3] ?? {})]);
  expect(findings).toEqual([
    expect.objectContaining({ at: 'key', message: 'there is no router bigpi1: did you mean bigip1?' }),
  ]);
});

test('a wrong value does not hide what else is wrong', () => {
  const cluster = spec('provider: { lab: {} }, network: { pods: nonsense, services: 172.19.8.0/24 }');
  expect(CHECKS.flatMap((check) => [...check(cluster)])).toContainEqual(
    expect.objectContaining({ message: '172.19.8.0/24 overlaps the node network 172.19.0.0/16' }),
  );
});

test('peers are names, and an address is told apart', () => {
  const routers = '[{ name: a, address: 10.10.2.20, peers: [10.10.2.21] }, { name: b, address: 10.10.2.21 }]';
  expect(CHECKS.flatMap((check) => [...check(spec(`provider: { lab: {} }, routers: ${routers}`))])).toEqual([
    expect.objectContaining({ message: '10.10.2.21 is the address of b: write the name' }),
  ]);
});

test('versions that do not go together are told where they stand, with the way out and who says so', () => {
  const findings = CHECKS.flatMap((check) => [...check(DOUBTFUL[5] ?? {})]).filter(({ path }) =>
    path.includes('calico'),
  );
  expect(findings).toEqual([
    {
      path: ['spec', 'calico', 'version'],
      severity: 'error',
      message:
        'Calico 3.31 was tested with Kubernetes 1.32 to 1.35, not with 1.36: take Calico 3.32 or 3.33, or Kubernetes 1.32 to 1.35 (docs.tigera.io/calico/latest/getting-started/kubernetes/requirements)',
    },
  ]);
});

test.each([
  ['k3d: {}', '', 'has no effect: cpaas installs Docker only with spec.host.prepare: true'],
  ['k3d: {}', 'prepare: false,', 'has no effect: cpaas installs Docker only with spec.host.prepare: true'],
  ['lab: {}', 'prepare: true,', 'has no effect: with provider lab cpaas installs no Docker on this machine'],
  ['k3d: {}', 'prepare: true,', undefined],
  ['k3d: {}', 'prepare: perhaps,', undefined],
])('a mirror of Docker with %s and %j: %s', (provider, prepare, message) => {
  const cluster = spec(
    `provider: { ${provider} }, host: { ${prepare} repositories: { docker: "https://m.example/d" } }`,
  );
  const findings = CHECKS.flatMap((check) => [...check(cluster)]).filter(({ path }) => path[1] === 'host');
  const path = ['spec', 'host', 'repositories', 'docker'];
  expect(findings).toEqual(message === undefined ? [] : [{ path, message, severity: 'warning' }]);
});
