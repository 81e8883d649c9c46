import { expect, test } from 'vitest';
import { describe as words } from '../../../src/lab/calico/validation/problem.ts';
import { validate } from '../../../src/lab/calico/validation/validate.ts';

const refusal = (kind: string, spec: object, name = 'default', old?: object) => {
  const object = (body: object) => ({ apiVersion: 'projectcalico.org/v3', kind, metadata: { name }, spec: body });
  const problems = validate(object(spec), old && object(old));
  return problems.length === 0 ? undefined : words(problems);
};

test.for(['10.0.0.1', '10.0.0.1:1790', 'fd00::1', '[fd00::1]:179'])('a peer may be at %s', (peerIP) => {
  expect(refusal('BGPPeer', { peerIP, asNumber: 64512 })).toBeUndefined();
});

test.for(['10.0.0.300', '10.0.0', '10.0.0.1:0', '10.0.0.1:70000', 'fd00::1:99999', 'router'])(
  'no peer is at %s',
  (peerIP) => {
    expect(refusal('BGPPeer', { peerIP })).toBe(
      `error with field PeerIP = '${peerIP}' (Reason: failed to validate Field: PeerIP because of Tag: IP:port )`,
    );
  },
);

test.for([
  [
    { node: 'n1', nodeSelector: 'all()' },
    "error with field Node = 'n1' (Node field must be empty when NodeSelector is specified)",
  ],
  [
    { peerIP: '10.0.0.1', peerSelector: 'all()' },
    "error with field PeerIP = '10.0.0.1' (PeerIP field must be empty when PeerSelector is specified)",
  ],
  [
    { asNumber: 1, peerSelector: 'all()' },
    "error with field ASNumber = '1' (ASNumber field must be empty when PeerSelector is specified)",
  ],
  [
    { nodeSelector: 'rack ==' },
    "error with field NodeSelector = 'rack ==' (Reason: failed to validate Field: NodeSelector because of Tag: selector )",
  ],
  [
    { peerIP: '10.0.0.1', reachableBy: 'fd00::1' },
    "error with field ReachableBy = 'fd00::1' (ReachableBy and PeerIP address family mismatched)",
  ],
] as const)('a BGPPeer with %o is refused', ([spec, text]) => {
  expect(refusal('BGPPeer', spec)).toBe(text);
});

test('mesh and AS number are settings of the whole cluster', () => {
  const spec = { nodeToNodeMeshEnabled: false, asNumber: 64512 };
  expect(refusal('BGPConfiguration', spec)).toBeUndefined();
  expect(refusal('BGPConfiguration', spec, 'node.n1')).toBe(
    'error with the following fields:\n' +
      '-  BGPConfiguration.Spec.NodeToNodeMeshEnabled (Cannot set nodeToNodeMeshEnabled on a non default BGP Configuration.)\n' +
      '-  BGPConfiguration.Spec.ASNumber (Cannot set ASNumber on a non default BGP Configuration.)\n',
  );
});

test('a filter rule needs an action that there is, and a network together with an operator', () => {
  expect(refusal('BGPFilter', { exportV4: [{ action: 'Reject', source: 'RemotePeers' }] })).toBeUndefined();
  expect(refusal('BGPFilter', { exportV4: [{ action: 'Accetp' }] })).toContain('because of Tag: filterAction');
  expect(refusal('BGPFilter', { importV4: [{ action: 'Accept', cidr: '10.0.0.0/8' }] })).toContain(
    'MatchOperator cannot be empty',
  );
  expect(refusal('BGPFilter', { importV4: [{ action: 'Accept', cidr: 'fd00::/8', matchOperator: 'In' }] })).toContain(
    'Tag: netv4',
  );
});

test("a pool's network and block size stay what they were", () => {
  const pool = { cidr: '10.53.0.0/16', blockSize: 26 };
  expect(refusal('IPPool', pool, 'pool', pool)).toBeUndefined();
  expect(refusal('IPPool', { ...pool, blockSize: 27 }, 'pool', pool)).toContain('IPPool BlockSize cannot be modified');
  expect(refusal('IPPool', { ...pool, blockSize: 19 })).toContain('block size must be between 20 and 32');
});
