import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type InitAnswers, renderClusterFile, routerAnswer } from '../../src/config/init.ts';
import { parseCluster } from '../../src/config/load.ts';

const read = (answers: InitAnswers) => parseCluster(renderClusterFile(answers), 'cpaas.yaml');
const bigip1 = { name: 'bigip1', address: '10.10.2.20' };

test('a lab is written with comments', () => {
  expect(renderClusterFile({ name: 'cpaas1', provider: 'lab', routers: [bigip1] })).toMatchInlineSnapshot(`
    "# A Kubernetes cluster whose pods a BIG-IP reaches directly. \`cpaas plan\` shows what \`cpaas up\` would do.
    # \`cpaas schema > cpaas.schema.json\` lets your editor check this file while you type.
    apiVersion: cpaas.dev/v1alpha1
    kind: Cluster
    metadata:
      name: cpaas1
    spec:
      provider:
        lab: # network namespaces of this machine
          topology: vm # nodes behind one machine, as k3d has them
          servers: 1
          agents: 3
      bgp:
        asNumber: 64512 # of the cluster, and of every router that has none of its own
        nodeToNodeMesh: true
      routers:
        - name: bigip1
          address: 10.10.2.20 # the self-IP that nodes peer with; never a floating one
          bigip:
            selfIp: internal # its name; its port lockdown will admit tcp 179
    "
  `);
});

test('answers are read back as they were given', () => {
  const network = { nodes: '10.1.20.0/24', pods: '192.168.0.0/16', services: '10.96.0.0/12' };
  const cluster = read({
    name: '123',
    provider: 'kubeadm',
    hosts: [{ name: 'node1', role: 'control-plane', address: '10.1.20.20' }],
    network,
    asNumber: '1.10',
    routers: [{ name: 'bigip-1', address: '10.1.20.11', asNumber: '65010' }],
  });
  expect(cluster.metadata.name).toBe('123');
  expect(cluster.spec.network).toEqual(network);
  expect(cluster.spec.bgp.asNumber).toBe(65546);
  expect(cluster.spec.provider.kubeadm?.hosts).toMatchObject([
    { name: 'node1', role: 'control-plane', address: '10.1.20.20', ssh: { host: '10.1.20.20', user: 'root' } },
  ]);
  expect(cluster.spec.routers[0]).toMatchObject({
    asNumber: 65010,
    bigip: { ssh: { host: '10.1.20.11', user: 'root', password: { env: 'BIGIP_1_PASSWORD' } } },
  });
});

test('each provider gives a file that is sound', () => {
  const network = { nodes: '10.1.20.0/24', pods: '10.53.0.0/16', services: '10.43.0.0/16' };
  expect(read({ name: 'a', provider: 'k3d', agents: 2, routers: [bigip1] }).spec.provider.k3d?.agents).toBe(2);
  expect(read({ name: 'a', provider: 'lab', topology: 'flat', routers: [] }).spec.provider.lab?.topology).toBe('flat');
  expect(read({ name: 'a', provider: 'existing', network, routers: [] }).spec.provider.existing).toEqual({});
  expect(read({ name: 'a', provider: 'existing', network, context: 'c', routers: [] }).spec.provider.existing).toEqual({
    context: 'c',
  });
});

test('no answer can put anything else into the file', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, text, text, (name, address, context) => {
      const hosts = [{ name, role: 'worker' as const, address }];
      const kubeadm = renderClusterFile({ name, provider: 'kubeadm', hosts, routers: [{ name, address }] });
      const read = parse(kubeadm);
      expect(read.spec.provider.kubeadm.hosts).toEqual([{ ...hosts[0], ssh: { host: address, user: 'root' } }]);
      expect(read.spec.routers[0].bigip.ssh).toMatchObject({ host: address, user: 'root' });
      expect(Object.keys(read.spec)).toEqual(['provider', 'bgp', 'routers']);
      const existing = renderClusterFile({ name, provider: 'existing', context, routers: [] });
      expect(parse(existing).spec.provider).toEqual({ existing: { context } });
    }),
  );
});

test('a router flag is a name, an address and perhaps an AS number', () => {
  expect(routerAnswer('bigip1=10.10.2.20')).toEqual(bigip1);
  expect(routerAnswer('bigip1=10.10.2.20,65010')).toEqual({ ...bigip1, asNumber: '65010' });
  for (const wrong of ['bigip1', '=10.10.2.20', 'bigip1=', 'a=b,c,d', ''])
    expect(() => routerAnswer(wrong)).toThrow(expect.objectContaining({ code: 'CONFIG.ROUTER' }));
});
