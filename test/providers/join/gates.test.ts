import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCluster } from '../../../src/config/load.ts';
import { Facts } from '../../../src/core/facts.ts';
import { routesLearned } from '../../../src/providers/join/gates.ts';
import { type Ending, fakeContext, Power } from '../../helpers/fake-host.ts';
import { FakeKube, type FakeObject } from '../../helpers/fake-kube.ts';

const cluster = parseCluster(readFileSync(new URL('../../../examples/dual-stack.yaml', import.meta.url), 'utf8'), 'f');
const OBJECTS: readonly FakeObject[] = [
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1', annotations: { 'projectcalico.org/IPv4Address': '10.1.20.20/24' } },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'calico-node-x', namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } },
    spec: { nodeName: 'node-1' },
    ...{ status: { phase: 'Running' } },
  },
];
const HEAD = 'Neighbor        V    AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd\n';

/** The gate between a node whose BIRD answers so, and a unit that has its session. */
function gate(exec: Ending) {
  const { programs } = new FakeKube(new Power(), { api: 'crd', objects: OBJECTS, exec: () => exec });
  const env = (args: readonly string[]) =>
    args.at(-1) === 'show ip bgp summary' ? `${HEAD}10.1.20.20 4 64512 1 1 1 0 0 00:01:00 0\n` : '';
  const ctx = fakeContext({ vm: { name: 'vm', programs }, one: { name: 'bigip1', programs: { env } } });
  const routers = [{ name: 'bigip1', host: 'one', address: '10.1.20.11', routeDomain: 0, asNumber: 64512 }];
  return routesLearned({ cluster, routers, kube: { host: 'vm', kubeconfig: '/kubeconfig' } }).missing(new Facts(ctx));
}

test('nobody waits for sessions whose nodes may not be asked: the right that is missing is said at once', async () => {
  const stderr =
    'Error from server (Forbidden): pods "calico-node-x" is forbidden: User "weak" cannot create resource "pods/exec" in API group "" in the namespace "kube-system"\n';
  await expect(gate({ code: 1, stderr })).rejects.toMatchObject({
    code: 'KUBE.FORBIDDEN',
    message: 'the user of the kubeconfig on vm may not create pods/exec in kube-system',
  });
});

test('a node that does not answer for another reason is waited for', async () => {
  expect(await gate({ code: 1, stderr: 'Error from server: error dialing backend: i/o timeout\n' })).toBe(
    '0 of 1 sessions Established; node-1 says unknown, bigip1 says Established',
  );
});
