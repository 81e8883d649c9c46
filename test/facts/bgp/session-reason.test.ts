import { expect, test } from 'vitest';
import { type Down, reasonOf } from '../../../src/facts/bgp/session-reason.ts';
import type { BigipNeighbor } from '../../../src/facts/bigip/neighbors.ts';
import type { BirdSession } from '../../../src/kube/bird-protocols.ts';

const neighbor: BigipNeighbor = {
  address: '172.19.0.4',
  remoteAs: 64512,
  localAs: 64512,
  state: 'Active',
  established: 0,
  dropped: 0,
};
const bird: BirdSession = { name: 'Global_10_10_2_20', peer: '10.10.2.20', neighborAs: 64512, state: 'Active' };
const both: Down = {
  router: { name: 'bigip1', address: '10.10.2.20' },
  far: { name: 'agent-1', address: '172.19.0.4', kind: 'node' },
  atRouter: 'Active',
  atFar: 'Active',
  ...{ neighbor, bird, farAs: 64512 },
};
const of = (other: Partial<Down>) => reasonOf({ ...both, ...other });
const withError = (error: string) => of({ bird: { ...bird, error } });

test('an end that cannot be asked, or does not have the session, is the reason', () => {
  expect(of({ atRouter: 'unknown', routerUnknown: 'bigip1 does not answer' })).toBe('bigip1 does not answer');
  expect(of({ atFar: 'unknown', farUnknown: 'its calico-node is Pending' })).toBe('its calico-node is Pending');
  expect(of({ atFar: 'absent', atRouter: 'absent' })).toBe('configured at neither end');
  expect(of({ atFar: 'absent' })).toBe('the cluster has no BGPPeer for 10.10.2.20');
  expect(of({ atRouter: 'absent' })).toBe('bigip1 has no neighbor 172.19.0.4');
  const far = { name: 'bigip2', address: '10.10.2.21', kind: 'router' as const };
  expect(of({ far, atFar: 'absent' })).toBe('bigip2 has no neighbor 10.10.2.20');
});

test('an AS that one end has and the other does not expect is named with both numbers', () => {
  expect(of({ bird: { ...bird, neighborAs: 65010 } })).toBe(
    'AS mismatch: agent-1 expects bigip1 in AS 65010, which is in AS 64512',
  );
  expect(of({ farAs: 65001 })).toBe('AS mismatch: bigip1 expects agent-1 in AS 64512, which is in AS 65001');
  expect(of({ farAs: 64512, bird: { ...bird, error: 'Received: Bad peer AS' } })).toBe('bigip1 ended it: Bad peer AS');
});

test('what BIRD has met when it tried is quoted, what it means is said', () => {
  expect(withError('Socket: Connection refused')).toBe(
    'bigip1 refuses tcp 179: its port lockdown, or BGP does not run there',
  );
  expect(withError('Socket: No route to host')).toBe('nothing answers on tcp 179 at 10.10.2.20: No route to host');
  expect(withError('Hold timer expired')).toBe('BIRD on agent-1 says: Hold timer expired');
  expect(of({ atFar: 'Down' })).toBe('BIRD on agent-1 has it switched off');
});

test('what the router has noted of the last session is quoted', () => {
  expect(of({ neighbor: { ...neighbor, lastReset: 'BGP Notification sent' } })).toBe(
    'bigip1 lost it: BGP Notification sent',
  );
});

test('with states alone, no more is said than these say', () => {
  expect(of({})).toBe('both ends try, and nothing answers on tcp 179');
  expect(of({ atRouter: 'OpenSent' })).toBe('on the way up: agent-1 Active, bigip1 OpenSent');
  expect(of({ atRouter: 'Idle (Admin)' })).toBe('bigip1 does not try: Idle (Admin)');
  expect(of({ atRouter: 'Established', atFar: 'Close' })).toBe('agent-1 says Close, bigip1 says Established');
  expect(of({ atRouter: 'unknown' })).toBe('bigip1 says of it what cpaas cannot read');
});

test('of an address that nobody can ask, the router alone speaks', () => {
  const { bird: _, farAs: __, ...router } = both;
  const down: Down = {
    ...router,
    far: { name: '172.19.0.4', address: '172.19.0.4', kind: 'address' },
    atFar: 'unknown',
  };
  expect(reasonOf(down)).toBe('bigip1 tries; no session ever came up');
  expect(reasonOf({ ...down, neighbor: { ...neighbor, established: 2 } })).toBe('bigip1 tries');
  expect(reasonOf({ ...down, atRouter: 'absent' })).toBe('bigip1 has no neighbor 172.19.0.4');
});
