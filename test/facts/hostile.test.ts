import { describe, expect, test } from 'vitest';
import { Facts } from '../../src/core/facts.ts';
import { nodeSessions } from '../../src/facts/cluster/node-sessions.ts';
import { podRoutes } from '../../src/facts/cluster/pod-routes.ts';
import { vmNetwork } from '../../src/facts/host/vm-network.ts';
import { fakeContext, Power } from '../helpers/fake-host.ts';
import { FakeKube, type FakeObject } from '../helpers/fake-kube.ts';

// What an API server or a host answers goes into lines of ip, iptables and imish, as root: what could be more than a word is refused.

const ACCESS = { host: 'vm', kubeconfig: '/k' };
const LINES = '172.19.0.2\nroute replace 0.0.0.0/0 via 172.19.0.66';

const object = (kind: string, name: string, rest: object = {}): FakeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  ...rest,
});
const node = (name: string, address: string) =>
  object('Node', name, { status: { addresses: [{ type: 'InternalIP', address }] } });
const affinity = (cidr: string) => object('BlockAffinity', 'block', { spec: { cidr, node: 'a', state: 'confirmed' } });
const block = (cidr: string) =>
  object('IPAMBlock', 'block', {
    spec: { cidr, affinity: 'host:a', allocations: [0], attributes: [{ secondary: { node: 'a' } }] },
  });

const factsOf = (...objects: readonly FakeObject[]) => {
  const kube = new FakeKube(new Power(), { api: 'crd', objects });
  return new Facts(fakeContext({ vm: { name: 'vm', programs: kube.programs } }));
};
const routes = (...objects: readonly FakeObject[]) => factsOf(...objects).get(podRoutes(ACCESS));

describe('an API server that lies', () => {
  const good = [node('a', '172.19.0.2'), affinity('10.53.0.0/26'), block('10.53.0.0/26')];

  test('what it should answer is taken', async () => {
    expect(await routes(...good)).toEqual([{ prefix: '10.53.0.0/26', node: 'a', via: '172.19.0.2' }]);
  });

  test.each([
    ['the address of a node', [node('a', LINES), ...good.slice(1)]],
    [
      'the address of a node, of Calico',
      [
        {
          ...good[0],
          metadata: { name: 'a', annotations: { 'projectcalico.org/IPv4Address': `${LINES}/16` } },
        } as FakeObject,
      ],
    ],
    ['a block', [...good.slice(0, 1), affinity('10.53.0.0/26 via 1.1.1.1\nroute flush')]],
    ['a block of addresses', [...good.slice(0, 2), block('$(reboot)/26')]],
    ['the name of a node', [node('--kubeconfig=/evil', '172.19.0.2'), ...good.slice(1)]],
    ['the name of a node, in two words', [node('a b', '172.19.0.2'), ...good.slice(1)]],
  ])('%s that is more than one is refused, and no command is made of it', async (_, objects) => {
    await expect(routes(...objects)).rejects.toMatchObject({ code: 'KUBE.ANSWER' });
  });

  test('the name of a pod that is an option is not handed to kubectl exec', async () => {
    const metadata = { name: '--as=admin', labels: { 'k8s-app': 'calico-node' } };
    const pod = object('Pod', '--as=admin', { metadata, spec: { nodeName: 'a' }, status: { phase: 'Running' } });
    await expect(factsOf(pod).get(nodeSessions(ACCESS))).rejects.toMatchObject({ code: 'KUBE.ANSWER' });
  });
});

test.each([
  [{ dev: 'eth0', prefsrc: '10.10.2.10 }\ncreate auth user evil' }],
  [{ dev: 'eth0 -j ACCEPT\n-A INPUT', prefsrc: '10.10.2.10' }],
])('a host that lies about its way to a router: %j', async (way) => {
  const ip = (args: readonly string[]) =>
    args.includes('get')
      ? JSON.stringify([way])
      : JSON.stringify([{ dst: '172.19.0.0/16', dev: 'br0', protocol: '2' }]);
  const facts = new Facts(fakeContext({ vm: { name: 'vm', programs: { ip, 'iptables-save': () => '' } } }));
  const network = vmNetwork('vm', { router: '10.10.2.20', nodes: '172.19.0.0/16' });
  await expect(facts.get(network)).rejects.toMatchObject({ code: 'HOST.ANSWER' });
});
