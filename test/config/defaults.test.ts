import { expect, test } from 'vitest';
import {
  asNumberOf,
  isExternal,
  isOnNodeNetwork,
  labNodes,
  labVmAddress,
  nodesAreBehindGateway,
  providerOf,
  routersLan,
  switchesOf,
} from '../../src/config/defaults.ts';
import { parseCluster } from '../../src/config/load.ts';

const cluster = (spec: string) =>
  parseCluster(`apiVersion: cpaas.dev/v1alpha1\nkind: Cluster\nmetadata: { name: test }\nspec: { ${spec} }\n`, 'f');

test('a router without an AS number is in that of the cluster', () => {
  const one = cluster(
    'provider: { lab: {} }, bgp: { asNumber: 64600 }, routers: [{ name: a, address: 10.10.2.20 }, { name: b, address: 10.10.2.21, asNumber: 65010 }, { name: c, address: 10.10.2.22, asNumber: 64600 }]',
  );
  expect(one.spec.routers.map((router) => [asNumberOf(one, router), isExternal(one, router)])).toEqual([
    [64600, false],
    [65010, true],
    [64600, false],
  ]);
});

test('the VM of a lab takes .10, unless a router has it, unless the file says otherwise', () => {
  const at = (spec: string) =>
    labVmAddress(
      cluster(
        `provider: { lab: ${spec} }, routers: [{ name: a, address: 10.9.8.20 }, { name: b, address: 10.9.8.10 }]`,
      ),
    );
  expect(at('{}')).toBe('10.9.8.11');
  expect(at('{ vm: 10.9.8.7 }')).toBe('10.9.8.7');
  expect(
    labVmAddress(
      cluster('provider: { lab: {} }, network: { gateway: 10.9.8.5 }, routers: [{ name: a, address: 10.9.8.20 }]'),
    ),
  ).toBe('10.9.8.5');
});

test('the LAN of routers is around the first, or the node network when nothing is between', () => {
  expect(routersLan(cluster('provider: { k3d: {} }, routers: []'))).toBe('10.10.2.0/24');
  expect(
    routersLan(
      cluster('provider: { lab: {} }, network: { lan: 10.9.0.0/16 }, routers: [{ name: a, address: 10.9.8.20 }]'),
    ),
  ).toBe('10.9.0.0/16');
  expect(routersLan(cluster('provider: { lab: { topology: flat } }'))).toBe('10.1.20.0/24');
});

test('a thousand nodes have an address each', () => {
  const nodes = labNodes(cluster('provider: { lab: { servers: 1, agents: 999 } }'));
  expect(nodes).toHaveLength(1000);
  expect(new Set(nodes.map(({ address }) => address)).size).toBe(1000);
  expect(nodes.at(-1)).toEqual({ name: 'agent-998', role: 'agent', address: '172.19.3.233' });
});

test('nodes are behind a machine with k3d, in a vm lab, and where the file names a gateway', () => {
  const existing =
    'provider: { existing: {} }, network: { nodes: 10.1.0.0/24, pods: 10.2.0.0/16, services: 10.3.0.0/16';
  expect(nodesAreBehindGateway(cluster('provider: { k3d: {} }'))).toBe(true);
  expect(nodesAreBehindGateway(cluster('provider: { lab: {} }'))).toBe(true);
  expect(nodesAreBehindGateway(cluster('provider: { lab: { topology: flat } }'))).toBe(false);
  expect(nodesAreBehindGateway(cluster(`${existing} }`))).toBe(false);
  expect(nodesAreBehindGateway(cluster(`${existing}, gateway: 10.10.2.10 }`))).toBe(true);
});

test('switches of one router stand above those of all', () => {
  const one = cluster(
    'provider: { lab: { topology: flat, switches: { hang: true, version: 15.1.3, routers: { b: { hang: false } } } } }, routers: [{ name: a, address: 10.1.20.11 }, { name: b, address: 10.1.20.12 }]',
  );
  expect(one.spec.routers.map((router) => switchesOf(one, router))).toEqual([
    { hang: true, version: '15.1.3' },
    { hang: false, version: '15.1.3' },
  ]);
  expect(providerOf(one)).toBe('lab');
  expect(one.spec.routers.every((router) => isOnNodeNetwork(one, router))).toBe(true);
});
