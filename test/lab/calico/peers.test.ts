import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../src/lab/calico/bird/model.ts';
import { peersOf } from '../../../src/lab/calico/bird/peers.ts';
import { readFilter, readPeer, readSettings } from '../../../src/lab/calico/bird/read.ts';

const nodes = [
  { name: 'n1', address: '10.0.0.11', labels: { rack: 'a' } },
  { name: 'n2', address: '10.0.0.12', labels: { rack: 'b' } },
  { name: 'rr', address: '10.0.0.13', labels: { 'route-reflector': 'true' } },
] as const;

const object = (kind: string, name: string, spec: object) => ({
  apiVersion: 'crd.projectcalico.org/v1',
  kind,
  metadata: { name },
  spec,
});
const noSecret = () => undefined;

/** Sessions of a node, as `scope address AS`. */
function sessions(node: (typeof nodes)[number], spec: object): readonly string[] {
  const peer = readPeer(object('BGPPeer', 'p', spec), noSecret);
  const peers = peer === undefined ? [] : peersOf(node, [peer], nodes, DEFAULT_SETTINGS);
  return peers.map(({ scope, address, port, asNumber }) => [scope, address, port, asNumber].filter(Boolean).join(' '));
}

test('a peer without a selector is one of every node', () => {
  const spec = { peerIP: '10.1.0.1:1790', asNumber: 65010 };
  expect(nodes.map((node) => sessions(node, spec))).toEqual(nodes.map(() => ['Global 10.1.0.1 1790 65010']));
});

test('a peer of a node, or of the nodes with a label, is nobody elses', () => {
  expect(nodes.map((node) => sessions(node, { node: 'n1', peerIP: '10.1.0.1', asNumber: 1 }).length)).toEqual([
    1, 0, 0,
  ]);
  expect(nodes.map((node) => sessions(node, { nodeSelector: "rack == 'b'", peerIP: '10.1.0.1', asNumber: 1 }))).toEqual(
    [[], ['Node 10.1.0.1 1'], []],
  );
});

test('a peer of one node goes where there is one of all nodes with its address', () => {
  const peers = [
    { peerIP: '10.1.0.1', asNumber: 1 },
    { node: 'n1', peerIP: '10.1.0.1', asNumber: 2 },
    { node: 'n1', peerIP: '10.1.0.1:1790', asNumber: 3 },
  ].flatMap((spec, at) => readPeer(object('BGPPeer', `p${at}`, spec), noSecret) ?? []);
  const had = peersOf(nodes[0], peers, nodes, DEFAULT_SETTINGS).map(({ scope, asNumber }) => `${scope} ${asNumber}`);
  expect(had).toEqual(['Global 1', 'Node 3']);
});

test('nodes and the route reflectors that a selector picks peer with each other', () => {
  const spec = { nodeSelector: 'has(rack)', peerSelector: 'has(route-reflector)' };
  expect(nodes.map((node) => sessions(node, spec))).toEqual([
    ['Node 10.0.0.13 64512'],
    ['Node 10.0.0.13 64512'],
    ['Node 10.0.0.11 64512', 'Node 10.0.0.12 64512'],
  ]);
  expect(sessions(nodes[2], { ...spec, reversePeering: 'Manual' })).toEqual([]);
});

test('a node does not peer with itself', () => {
  expect(sessions(nodes[0], { peerIP: '10.0.0.11', asNumber: 64512 })).toEqual([]);
});

test('a peer whose password cannot be read is left out, as Calico does', () => {
  const spec = { peerIP: '10.1.0.1', asNumber: 1, password: { secretKeyRef: { name: 'bgp', key: 'password' } } };
  expect(readPeer(object('BGPPeer', 'p', spec), noSecret)).toBeUndefined();
  expect(readPeer(object('BGPPeer', 'p', spec), () => 'secret')?.session.password).toBe('secret');
});

test("a node's own BGPConfiguration stands before the default one", () => {
  const configurations = [
    object('BGPConfiguration', 'default', { asNumber: 64600, nodeToNodeMeshEnabled: false, listenPort: 178 }),
    object('BGPConfiguration', 'node.n1', { listenPort: 1790 }),
  ];
  const { asNumber, mesh, listenPort } = readSettings(configurations, 'n1', noSecret);
  expect([asNumber, mesh, listenPort]).toEqual([64600, false, 1790]);
});

test('a fresh cluster is AS 64512 with a mesh', () => {
  expect(readSettings([], 'n1', noSecret)).toMatchObject({ asNumber: 64512, mesh: true });
});

test('the rules of a filter are read in order', () => {
  const spec = {
    exportV4: [
      { action: 'Reject', source: 'RemotePeers' },
      { action: 'Accept', cidr: '10.0.0.0/8', matchOperator: 'In', prefixLength: { min: 16 } },
    ],
  };
  expect(readFilter(object('BGPFilter', 'f', spec))?.exports).toEqual([
    { action: 'Reject', remotePeers: true },
    { action: 'Accept', remotePeers: false, cidr: '10.0.0.0/8', operator: 'In', length: { min: 16, max: 32 } },
  ]);
});
